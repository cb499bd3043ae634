//! How two shapes meet: as parry has it, but for what never ends there, or ends the world.
//!
//! parry walks through voxels and heightfields from cell to cell, across another shape's bounds and along its way. A
//! half-space's bounds are those of all numbers, a shape can be as large, or so far away that the walk takes hours;
//! and on a heightfield the walk goes on after the shape has left it. And voxels have no contacts with half-spaces at
//! all, and no steady ones with balls: that panics. So walks are cut short here where the two can't meet any more, and where they would be too long
//! all cells near the way are looked at instead.

use rapier3d::geometry::{ContactData, ContactManifoldData, NarrowPhase};
use rapier3d::math::{Pose, Vector};
use rapier3d::parry::bounding_volume::{Aabb, BoundingVolume};
use rapier3d::parry::query::details::{NormalConstraints, VoxelsShapeContactManifoldsWorkspace};
use rapier3d::parry::query::{
    ClosestPoints, Contact, ContactManifold, ContactManifoldsWorkspace, NonlinearRigidMotion,
    PersistentQueryDispatcher, QueryDispatcher, ShapeCastHit, ShapeCastOptions, ShapeDistance,
    ShapeIntersection, Unsupported,
};
use rapier3d::parry::shape::{Ball, Cuboid, HalfSpace, Shape, VoxelType, Voxels};

/// About how many cells parry may walk through in one cast: a few milliseconds.
const LONGEST_WALK: f32 = 262_144.0;
/// Rounding mustn't cut a walk off before its end.
const SLACK: f32 = 1.001;

type Manifold = ContactManifold<ContactManifoldData, ContactData>;
type Hit = Result<Option<ShapeCastHit>, Unsupported>;

/// parry's own way.
type Plain<'d> = dyn PersistentQueryDispatcher<ContactManifoldData, ContactData> + 'd;

/// What worlds ask about two shapes. It has parry's way from a narrow phase: one that was named here would be
/// compiled a second time.
pub(crate) struct Dispatcher(NarrowPhase);

impl Dispatcher {
    /// One for one world.
    pub(crate) fn new() -> Self {
        Self(NarrowPhase::new())
    }

    fn plain(&self) -> &Plain<'_> {
        self.0.query_dispatcher()
    }
}

/// Whether parry walks through it.
fn is_grid(shape: &dyn Shape) -> bool {
    shape.as_voxels().is_some() || shape.as_heightfield().is_some()
}

/// Calls `see` with each filled voxel or triangle near some bounds, and where it is: all in the grid's frame.
fn for_each_part(grid: &dyn Shape, near: &Aabb, see: &mut dyn FnMut(Vector, &dyn Shape)) {
    let Some(near) = grid.compute_local_aabb().intersection(near) else {
        return;
    };
    if let Some(voxels) = grid.as_voxels() {
        let cuboid = Cuboid::new(voxels.voxel_size() / 2.0);
        for voxel in voxels.voxels_intersecting_local_aabb(&near) {
            see(voxel.center, &cuboid);
        }
    } else if let Some(field) = grid.as_heightfield() {
        field.map_elements_in_local_aabb(&near, &mut |_, triangle| see(Vector::ZERO, triangle));
    }
}

/// About how many cells parry would walk through.
fn walk(grid: &dyn Shape, bounds: &Aabb) -> f32 {
    if let Some(voxels) = grid.as_voxels() {
        let all = grid.compute_local_aabb().merged(bounds);
        (all.extents() / voxels.voxel_size()).element_sum()
    } else if let Some(field) = grid.as_heightfield() {
        let (rows, columns) = field.num_cells_ij();
        let size = bounds.extents();
        let (x, z) = (
            size.x / field.cell_width() + 3.0,
            size.z / field.cell_height() + 3.0,
        );
        (columns as f32 + x) * z + (rows as f32 + z) * x
    } else {
        0.0
    }
}

fn is_short(grid: &dyn Shape, bounds: &Aabb) -> bool {
    walk(grid, bounds) <= LONGEST_WALK
}

fn swept(bounds: &Aabb, way: Vector) -> Aabb {
    bounds.merged(&bounds.translated(way))
}

/// Until when bounds that move can meet a grid.
fn last_time(grid: &Aabb, bounds: &Aabb, velocity: Vector, maximum: f32) -> f32 {
    let mut last = maximum;
    for axis in 0..3 {
        let left = if velocity[axis] > 0.0 {
            grid.maxs[axis] - bounds.mins[axis]
        } else {
            bounds.maxs[axis] - grid.mins[axis]
        };
        let time = left.max(0.0) / velocity[axis].abs() * SLACK;
        // Along an axis without velocity it is infinite, or no number.
        if time < last {
            last = time;
        }
    }
    last
}

/// A grid meets a half-space with its point that lies lowest, whatever it is made of.
fn cast_on_plane(
    plain: &Plain<'_>,
    pos12: &Pose,
    velocity: Vector,
    grid: &dyn Shape,
    plane: &HalfSpace,
    options: ShapeCastOptions,
) -> Hit {
    let down = -(pos12.rotation * plane.normal);
    let mut lowest: Option<Vector> = None;
    for_each_part(grid, &grid.compute_local_aabb(), &mut |center, part| {
        if let Some(part) = part.as_support_map() {
            let point = center + part.local_support_point(down);
            if lowest.is_none_or(|lowest| point.dot(down) > lowest.dot(down)) {
                lowest = Some(point);
            }
        }
    });
    let Some(point) = lowest else {
        return Ok(None);
    };
    let place = Pose::from_translation(-point) * *pos12;
    let hit = plain.cast_shapes(&place, velocity, &Ball::new(0.0), plane, options)?;
    Ok(hit.map(|hit| ShapeCastHit {
        witness1: hit.witness1 + point,
        ..hit
    }))
}

/// Casts a shape against a grid, in whose frame all is.
fn cast_on_grid(
    dispatcher: &Dispatcher,
    pos12: &Pose,
    velocity: Vector,
    grid: &dyn Shape,
    other: &dyn Shape,
    mut options: ShapeCastOptions,
) -> Hit {
    if let Some(plane) = other.as_halfspace() {
        return cast_on_plane(dispatcher.plain(), pos12, velocity, grid, plane, options);
    }
    let bounds = other.compute_aabb(pos12).loosened(options.target_distance);
    let own = grid.compute_local_aabb();
    options.max_time_of_impact = last_time(&own, &bounds, velocity, options.max_time_of_impact);
    let back = pos12.inverse();
    if is_short(grid, &bounds) && is_short(other, &grid.compute_aabb(&back)) {
        return dispatcher
            .plain()
            .cast_shapes(pos12, velocity, grid, other, options);
    }
    let mut first: Option<ShapeCastHit> = None;
    let near = swept(&bounds, velocity * options.max_time_of_impact);
    for_each_part(grid, &near, &mut |center, part| {
        let place = Pose::from_translation(-center) * *pos12;
        let found = dispatcher.cast_shapes(&place, velocity, part, other, options);
        if let Ok(Some(mut hit)) = found
            && first.is_none_or(|first| hit.time_of_impact < first.time_of_impact)
        {
            hit.witness1 += center;
            first = Some(hit);
        }
    });
    Ok(first)
}

/// Contacts of voxels with a half-space: those of each voxel that has a corner outside, in the voxels' frame.
fn meet_plane(
    plain: &Plain<'_>,
    pos12: &Pose,
    (voxels, plane): (&Voxels, &HalfSpace),
    prediction: f32,
    manifolds: &mut Vec<Manifold>,
    is_flipped: bool,
) {
    let mut before = core::mem::take(manifolds);
    let normal = pos12.rotation * plane.normal;
    let half = voxels.voxel_size() / 2.0;
    let reach = half.dot(normal.abs()) + prediction;
    let cuboid = Cuboid::new(half);
    for voxel in voxels.voxels() {
        let height = (voxel.center - pos12.translation).dot(normal);
        if voxel.state.voxel_type() != VoxelType::Vertex || height > reach {
            continue;
        }
        let part = voxel.linear_id.flat_id() as u32;
        let parts = if is_flipped { (0, part) } else { (part, 0) };
        let known = before
            .iter_mut()
            .find(|known| (known.subshape1, known.subshape2) == parts);
        let mut manifold = match known {
            Some(known) => known.take(),
            None => Manifold::with_data(parts.0, parts.1, ContactManifoldData::default()),
        };
        let center = Some(Pose::from_translation(voxel.center));
        let place = Pose::from_translation(-voxel.center) * *pos12;
        let (place, shapes): (Pose, [&dyn Shape; 2]) = if is_flipped {
            manifold.set_subshape_pos2(center);
            (place.inverse(), [plane, &cuboid])
        } else {
            manifold.set_subshape_pos1(center);
            (place, [&cuboid, plane])
        };
        // Boxes and half-spaces have contacts.
        let _ = plain.contact_manifold_convex_convex(
            &place,
            shapes[0],
            shapes[1],
            None,
            None,
            prediction,
            &mut manifold,
        );
        manifolds.push(manifold);
    }
}

/// The deepest contact of voxels with a shape, in the voxels' frame.
fn touch_voxels(
    dispatcher: &Dispatcher,
    pos12: &Pose,
    voxels: &dyn Shape,
    other: &dyn Shape,
    prediction: f32,
) -> Option<Contact> {
    let near = other.compute_aabb(pos12).loosened(prediction.max(0.0));
    let mut deepest: Option<Contact> = None;
    for_each_part(voxels, &near, &mut |center, part| {
        let place = Pose::from_translation(-center) * *pos12;
        if let Ok(Some(mut found)) = dispatcher.contact(&place, part, other, prediction)
            && deepest.is_none_or(|deepest| found.dist < deepest.dist)
        {
            found.point1 += center;
            deepest = Some(found);
        }
    });
    deepest
}

impl QueryDispatcher for Dispatcher {
    fn intersection_test(
        &self,
        pos12: &Pose,
        first: &dyn Shape,
        second: &dyn Shape,
    ) -> Result<ShapeIntersection, Unsupported> {
        self.plain().intersection_test(pos12, first, second)
    }

    fn distance(
        &self,
        pos12: &Pose,
        first: &dyn Shape,
        second: &dyn Shape,
    ) -> Result<ShapeDistance, Unsupported> {
        self.plain().distance(pos12, first, second)
    }

    fn contact(
        &self,
        pos12: &Pose,
        first: &dyn Shape,
        second: &dyn Shape,
        prediction: f32,
    ) -> Result<Option<Contact>, Unsupported> {
        if first.as_voxels().is_some() {
            return Ok(touch_voxels(self, pos12, first, second, prediction));
        }
        if second.as_voxels().is_some() {
            let found = touch_voxels(self, &pos12.inverse(), second, first, prediction);
            return Ok(found.map(Contact::flipped));
        }
        self.plain().contact(pos12, first, second, prediction)
    }

    fn closest_points(
        &self,
        pos12: &Pose,
        first: &dyn Shape,
        second: &dyn Shape,
        farthest: f32,
    ) -> Result<ClosestPoints, Unsupported> {
        self.plain().closest_points(pos12, first, second, farthest)
    }

    fn cast_shapes(
        &self,
        pos12: &Pose,
        velocity: Vector,
        first: &dyn Shape,
        second: &dyn Shape,
        options: ShapeCastOptions,
    ) -> Hit {
        if is_grid(first) {
            cast_on_grid(self, pos12, velocity, first, second, options)
        } else if is_grid(second) {
            let velocity = -(pos12.rotation.inverse() * velocity);
            let hit = cast_on_grid(self, &pos12.inverse(), velocity, second, first, options)?;
            Ok(hit.map(ShapeCastHit::swapped))
        } else {
            self.plain()
                .cast_shapes(pos12, velocity, first, second, options)
        }
    }

    fn cast_shapes_nonlinear(
        &self,
        motion1: &NonlinearRigidMotion,
        first: &dyn Shape,
        motion2: &NonlinearRigidMotion,
        second: &dyn Shape,
        start: f32,
        end: f32,
        stop_at_penetration: bool,
    ) -> Hit {
        type Motion = NonlinearRigidMotion;
        let cast = |motion1: &Motion, first: &dyn Shape, motion2: &Motion, second: &dyn Shape| {
            self.plain().cast_shapes_nonlinear(
                motion1,
                first,
                motion2,
                second,
                start,
                end,
                stop_at_penetration,
            )
        };
        if first.as_voxels().is_none() && second.as_voxels().is_some() {
            let hit = self.cast_shapes_nonlinear(
                motion2,
                second,
                motion1,
                first,
                start,
                end,
                stop_at_penetration,
            )?;
            return Ok(hit.map(ShapeCastHit::swapped));
        }
        // No shape has continuous contacts with a half-space: they meet it in the next step.
        if first.as_voxels().is_none() {
            return cast(motion1, first, motion2, second);
        }
        if second.as_halfspace().is_some() {
            return Ok(None);
        }
        let place = motion1.position_at_time(start);
        let [from, to] = [start, end].map(|time| motion2.position_at_time(time));
        let bounds = second.compute_aabb(&place.inv_mul(&from));
        let bounds = bounds.merged(&second.compute_aabb(&place.inv_mul(&to)));
        let way = place.rotation.inverse() * (motion1.linvel * (start - end));
        let near = swept(&bounds, way);
        if is_short(first, &near) {
            return cast(motion1, first, motion2, second);
        }
        let mut earliest: Option<ShapeCastHit> = None;
        for_each_part(first, &near, &mut |center, part| {
            let motion1 = motion1.prepend_translation(center);
            if let Ok(Some(hit)) = cast(&motion1, part, motion2, second)
                && earliest.is_none_or(|earliest| hit.time_of_impact < earliest.time_of_impact)
            {
                earliest = Some(hit);
            }
        });
        Ok(earliest)
    }
}

impl PersistentQueryDispatcher<ContactManifoldData, ContactData> for Dispatcher {
    fn contact_manifolds(
        &self,
        pos12: &Pose,
        first: &dyn Shape,
        second: &dyn Shape,
        prediction: f32,
        manifolds: &mut Vec<Manifold>,
        workspace: &mut Option<ContactManifoldsWorkspace>,
    ) -> Result<(), Unsupported> {
        if manifolds.capacity() == 0 {
            // Most pairs have one. Room for four, as a vector takes it by itself, would be half of a world's memory.
            manifolds.reserve_exact(1);
        }
        let has = |is: fn(&dyn Shape) -> bool| is(first) || is(second);
        let is_voxels = has(|shape| shape.as_voxels().is_some());
        if is_voxels && has(|shape| shape.as_ball().is_some() || shape.as_halfspace().is_some()) {
            // rapier takes those for one that stays the same whose shapes have no workspace, and panics when a
            // contact goes.
            let empty = || Box::new(VoxelsShapeContactManifoldsWorkspace::<2>::new());
            workspace.get_or_insert_with(|| ContactManifoldsWorkspace(empty()));
        }
        if let (Some(voxels), Some(plane)) = (first.as_voxels(), second.as_halfspace()) {
            meet_plane(
                self.plain(),
                pos12,
                (voxels, plane),
                prediction,
                manifolds,
                false,
            );
        } else if let (Some(plane), Some(voxels)) = (first.as_halfspace(), second.as_voxels()) {
            let pos21 = pos12.inverse();
            meet_plane(
                self.plain(),
                &pos21,
                (voxels, plane),
                prediction,
                manifolds,
                true,
            );
        } else {
            return self
                .plain()
                .contact_manifolds(pos12, first, second, prediction, manifolds, workspace);
        }
        Ok(())
    }

    fn contact_manifold_convex_convex(
        &self,
        pos12: &Pose,
        first: &dyn Shape,
        second: &dyn Shape,
        constraints1: Option<&dyn NormalConstraints>,
        constraints2: Option<&dyn NormalConstraints>,
        prediction: f32,
        manifold: &mut Manifold,
    ) -> Result<(), Unsupported> {
        self.plain().contact_manifold_convex_convex(
            pos12,
            first,
            second,
            constraints1,
            constraints2,
            prediction,
            manifold,
        )
    }
}
