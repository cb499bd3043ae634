//! What can be read of a collider.

use rapier3d::dynamics::CoefficientCombineRule;
use rapier3d::geometry::{Collider, InteractionGroups, TypedShape};
use rapier3d::math::Pose;

use super::Value;
use crate::generated::answers_capnp::read_collider as property;
use crate::generated::physics_capnp::{physics_limits, shape_kind as kind};
use crate::operands::Operands;
use crate::{Error, World};

/// How many numbers a plain shape is given by, at most.
const SIZES: usize = 10;

/// One property of a collider; `None` if there is no such.
pub(super) fn property(
    world: &World,
    thing: Operands<'_>,
    which: u32,
) -> Result<Option<Value>, Error> {
    let handle = world.colliders.require(thing.handle(0)?, thing.at)?;
    let collider = world.physics.colliders.get(handle).ok_or(thing.bad(0))?;
    if which == property::BODY {
        let body = collider
            .parent()
            .and_then(|parent| world.physics.bodies.get(parent));
        // A soft body's frame is in no slot.
        let slot = body.filter(|body| body.soft_body().is_none());
        return Ok(Some(Value::word(
            slot.map_or(physics_limits::NONE, |body| body.user_data as u32),
        )));
    }
    Ok(setting(collider, which)
        .or_else(|| place(collider, which))
        .or_else(|| shape(collider, which)))
}

fn rule(rule: CoefficientCombineRule) -> u32 {
    match rule {
        CoefficientCombineRule::Min => 1,
        CoefficientCombineRule::Multiply => 2,
        CoefficientCombineRule::Max => 3,
        _ => 0,
    }
}

fn groups(groups: InteractionGroups) -> Value {
    let (memberships, filter) = (groups.memberships.bits(), groups.filter.bits());
    Value::word(memberships << 16 | filter & 0xffff)
}

/// What its user set.
fn setting(collider: &Collider, which: u32) -> Option<Value> {
    Some(match which {
        property::ENABLED => Value::switch(collider.is_enabled()),
        property::SENSOR => Value::switch(collider.is_sensor()),
        property::FRICTION => Value::number(collider.friction()),
        property::RESTITUTION => Value::number(collider.restitution()),
        property::COMBINE_RULES => Value::word(
            rule(collider.friction_combine_rule()) | rule(collider.restitution_combine_rule()) << 8,
        ),
        property::COLLISION_GROUPS => groups(collider.collision_groups()),
        property::SOLVER_GROUPS => groups(collider.solver_groups()),
        property::EVENTS => Value::word(collider.active_events().bits()),
        property::HOOKS => Value::word(collider.active_hooks().bits()),
        property::COLLISION_TYPES => {
            Value::word(u32::from(collider.active_collision_types().bits()))
        }
        property::CONTACT_FORCE_THRESHOLD => {
            Value::number(collider.contact_force_event_threshold())
        }
        property::CONTACT_SKIN => Value::number(collider.contact_skin()),
        property::DENSITY => Value::number(collider.density()),
        _ => return None,
    })
}

/// Where it is.
fn place(collider: &Collider, which: u32) -> Option<Value> {
    let world = collider.position();
    let local = || collider.position_wrt_parent().copied().unwrap_or(*world);
    let translation = |pose: Pose| Value::vector(pose.translation);
    Some(match which {
        property::TRANSLATION => translation(*world),
        property::ROTATION => Value::rotation(world.rotation),
        property::LOCAL_TRANSLATION => translation(local()),
        property::LOCAL_ROTATION => Value::rotation(local().rotation),
        property::BOUNDS => {
            let bounds = collider.compute_aabb();
            let ([a, b, c], [d, e, f]) = (bounds.mins.to_array(), bounds.maxs.to_array());
            Value::numbers([a, b, c, d, e, f])
        }
        _ => return None,
    })
}

/// What its shape is, and what follows from that.
fn shape(collider: &Collider, which: u32) -> Option<Value> {
    let typed = collider.shape().as_typed_shape();
    let (number, sizes) = plain(&typed);
    Some(match which {
        property::SHAPE => Value::word(number),
        property::SIZES => Value::numbers(sizes),
        property::MASS => Value::number(collider.mass()),
        property::VOLUME => Value::number(collider.volume()),
        property::CENTER_OF_MASS => Value::vector(collider.mass_properties().local_com),
        property::PRINCIPAL_INERTIA => {
            Value::vector(collider.mass_properties().principal_inertia())
        }
        property::INERTIA_FRAME => {
            Value::rotation(collider.mass_properties().principal_inertia_local_frame)
        }
        property::SCALE => Value::numbers(match typed {
            TypedShape::HeightField(field) => field.scale().to_array(),
            TypedShape::Voxels(voxels) => voxels.voxel_size().to_array(),
            _ => [0.0; 3],
        }),
        property::ROWS | property::COLUMNS => {
            let (rows, columns) = match typed {
                TypedShape::HeightField(field) => (field.nrows() + 1, field.ncols() + 1),
                _ => (0, 0),
            };
            Value::count(if which == property::ROWS {
                rows
            } else {
                columns
            })
        }
        _ => return None,
    })
}

/// Numbers at the start of as many as there may be.
fn sizes<const N: usize>(given: [f32; N]) -> [f32; SIZES] {
    let mut sizes = [0.0; SIZES];
    sizes[..N].copy_from_slice(&given);
    sizes
}

/// A shape's kind and the numbers that it is given by, as `ShapeKind` in the schema says.
fn plain(shape: &TypedShape<'_>) -> (u32, [f32; SIZES]) {
    match shape {
        TypedShape::Ball(ball) => (kind::BALL, sizes([ball.radius])),
        TypedShape::Cuboid(one) => (kind::CUBOID, sizes(one.half_extents.to_array())),
        TypedShape::RoundCuboid(one) => {
            let [x, y, z] = one.inner_shape.half_extents.to_array();
            (kind::CUBOID, sizes([x, y, z, one.border_radius]))
        }
        TypedShape::Capsule(one) => (kind::CAPSULE, sizes([one.half_height(), one.radius])),
        TypedShape::Cylinder(one) => (kind::CYLINDER, sizes([one.half_height, one.radius])),
        TypedShape::RoundCylinder(one) => {
            let inner = &one.inner_shape;
            let given = [inner.half_height, inner.radius, one.border_radius];
            (kind::CYLINDER, sizes(given))
        }
        TypedShape::Cone(one) => (kind::CONE, sizes([one.half_height, one.radius])),
        TypedShape::RoundCone(one) => {
            let inner = &one.inner_shape;
            let given = [inner.half_height, inner.radius, one.border_radius];
            (kind::CONE, sizes(given))
        }
        TypedShape::HalfSpace(one) => (kind::HALFSPACE, sizes(one.normal.to_array())),
        TypedShape::Segment(one) => {
            let ([a, b, c], [d, e, f]) = (one.a.to_array(), one.b.to_array());
            (kind::SEGMENT, sizes([a, b, c, d, e, f]))
        }
        TypedShape::Triangle(one) => (kind::TRIANGLE, corners(one, 0.0)),
        TypedShape::RoundTriangle(one) => {
            (kind::TRIANGLE, corners(&one.inner_shape, one.border_radius))
        }
        TypedShape::ConvexPolyhedron(_) => (kind::CONVEX_HULL, [0.0; SIZES]),
        TypedShape::RoundConvexPolyhedron(one) => (kind::CONVEX_HULL, sizes([one.border_radius])),
        TypedShape::TriMesh(_) => (kind::TRIMESH, [0.0; SIZES]),
        TypedShape::Polyline(_) => (kind::POLYLINE, [0.0; SIZES]),
        TypedShape::HeightField(_) => (kind::HEIGHTFIELD, [0.0; SIZES]),
        TypedShape::Voxels(_) => (kind::VOXELS, [0.0; SIZES]),
        TypedShape::Compound(_) => (kind::COMPOUND, [0.0; SIZES]),
        TypedShape::Custom(_) => (physics_limits::NONE, [0.0; SIZES]),
    }
}

fn corners(triangle: &rapier3d::geometry::Triangle, border: f32) -> [f32; SIZES] {
    let [a, b, c] = [triangle.a, triangle.b, triangle.c].map(|corner| corner.to_array());
    [a[0], a[1], a[2], b[0], b[1], b[2], c[0], c[1], c[2], border]
}
