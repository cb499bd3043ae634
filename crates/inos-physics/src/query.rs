//! Questions to a world, many at a time: rays, points, moving shapes, overlaps.

use rapier3d::geometry::{
    Collider, ColliderHandle, Group, InteractionGroups, InteractionTestMode, Ray, SharedShape,
};
use rapier3d::math::{Pose, Vector};
use rapier3d::parry::query::{
    Contact, QueryDispatcher, ShapeCastHit, ShapeCastOptions, ShapeCastStatus,
};
use rapier3d::parry::shape::{FeatureId, Shape};
use rapier3d::pipeline::{QueryFilter, QueryFilterFlags, QueryPipeline};

use crate::generated::physics_capnp::{
    hit_flag, physics_limits, query_flag, query_hit as hit, query_kind,
};
use crate::operands::Operands;
use crate::{Error, World};

/// What is common to many queries of one kind.
#[derive(Clone, Copy, Debug)]
pub struct Query {
    /// Rays, points, shape casts or overlaps.
    pub kind: u32,
    /// Whether shapes are solid, and rapier's filter flags.
    pub flags: u32,
    /// Memberships and filter of who asks.
    pub groups: u32,
    /// The slot of a body that isn't seen.
    pub excluded_body: u32,
    /// The slot of a collider that isn't seen.
    pub excluded_collider: u32,
    /// The slot of the only collider that is seen, or none.
    pub only_collider: u32,
    /// How many overlaps are wanted of each.
    pub limit: u32,
    /// The farthest distance, or the longest time.
    pub maximum: f32,
    /// How near counts as a hit: of shape casts.
    pub target_distance: f32,
}

/// What `only_collider` comes to.
#[derive(Clone, Copy)]
pub(crate) struct Only(Option<ColliderHandle>);

impl Only {
    pub(crate) fn sees(&self, handle: ColliderHandle) -> bool {
        self.0.is_none_or(|only| only == handle)
    }
}

impl Query {
    /// Words of one query's input.
    ///
    /// # Errors
    /// [`Error::BadQuery`] for a kind that there isn't.
    pub fn input_words(&self) -> Result<usize, Error> {
        Ok(match self.kind {
            query_kind::RAYS => 6,
            query_kind::POINTS => 3,
            query_kind::SHAPE_CASTS => 10,
            query_kind::OVERLAPS => 7,
            query_kind::SHAPE_PAIRS => 2 * 7,
            query_kind::SHAPE_PAIR_CASTS => 2 * 10,
            _ => {
                return Err(Error::BadQuery {
                    reason: "there is no such kind of query",
                });
            }
        })
    }

    /// Words of one query's answer.
    pub fn output_words(&self) -> usize {
        match self.kind {
            query_kind::OVERLAPS => 1 + self.limit as usize,
            query_kind::RAYS | query_kind::POINTS => hit::WORDS as usize,
            _ => hit::SHAPE_WORDS as usize,
        }
    }

    pub(crate) fn is(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    fn cast_options(&self) -> ShapeCastOptions {
        ShapeCastOptions {
            max_time_of_impact: self.maximum,
            target_distance: self.target_distance,
            stop_at_penetration: !self.is(query_flag::IGNORE_PENETRATION),
            ..ShapeCastOptions::default()
        }
    }
}

/// A feature as a word: its kind in the upper two bits, its number below.
pub(crate) fn feature_word(feature: FeatureId) -> u32 {
    const SHIFT: u32 = hit::FEATURE_SHIFT;
    match feature {
        FeatureId::Vertex(id) => id & !(3 << SHIFT),
        FeatureId::Edge(id) => (id & !(3 << SHIFT)) | 1 << SHIFT,
        FeatureId::Face(id) => (id & !(3 << SHIFT)) | 2 << SHIFT,
        FeatureId::Unknown => 3 << SHIFT,
    }
}

/// What queries ask with: none, one or two.
type Shapes = [Option<SharedShape>; 2];

/// What was hit, before it becomes words.
#[derive(Clone, Copy)]
pub(crate) struct Hit {
    pub(crate) collider: ColliderHandle,
    pub(crate) distance: f32,
    /// Of points the nearest point.
    pub(crate) normal: Vector,
    pub(crate) feature: FeatureId,
    pub(crate) flags: u32,
}

/// Writes vectors one after another.
pub(crate) fn write_vectors<const N: usize>(vectors: [Vector; N], output: &mut [u32]) {
    for (vector, words) in vectors.iter().zip(output.chunks_exact_mut(3)) {
        words.copy_from_slice(&vector.to_array().map(f32::to_bits));
    }
}

impl World {
    /// The shapes that queries ask with: a kind and 10 sizes each.
    ///
    /// # Errors
    /// As for a collider's shape.
    fn query_shapes(&self, query: &Query, words: &[u32]) -> Result<Shapes, Error> {
        let operands = Operands::new(words, 0);
        let shape = |start| self.shape(operands, start, start + 1).map(Some);
        Ok(match query.kind {
            query_kind::SHAPE_CASTS | query_kind::OVERLAPS => [shape(0)?, None],
            query_kind::SHAPE_PAIRS | query_kind::SHAPE_PAIR_CASTS => [shape(0)?, shape(11)?],
            _ => [None, None],
        })
    }

    /// Answers some queries: `input` and `output` hold as many of them.
    ///
    /// # Errors
    /// [`Error::BadCommand`] with the number of the query in place of the command's word.
    pub fn query(
        &self,
        query: &Query,
        shape_words: &[u32],
        first: u32,
        input: &[u32],
        output: &mut [u32],
    ) -> Result<(), Error> {
        let shapes = self.query_shapes(query, shape_words)?;
        let inputs = input.chunks_exact(query.input_words()?);
        let outputs = output.chunks_exact_mut(query.output_words());
        let only = self.only(query);
        let sees = |handle, _: &Collider| only.sees(handle);
        let pipeline = self.pipeline(query, &sees);
        for (index, (input, output)) in inputs.zip(outputs).enumerate() {
            let operands = Operands::new(input, first + index as u32);
            self.answer(query, &pipeline, &shapes, operands, output)?;
        }
        Ok(())
    }

    /// The only collider that a query sees, if it says so.
    pub(crate) fn only(&self, query: &Query) -> Only {
        let slot = query.only_collider;
        Only((slot != physics_limits::NONE).then(|| {
            let found = self.colliders.at(slot).map(|(_, handle)| handle);
            found.unwrap_or(ColliderHandle::invalid())
        }))
    }

    /// rapier's view of the world through the query's filter. `sees` is asked only if the query names one collider.
    pub(crate) fn pipeline<'a>(
        &'a self,
        query: &Query,
        sees: &'a dyn Fn(ColliderHandle, &Collider) -> bool,
    ) -> QueryPipeline<'a> {
        let filter = QueryFilter {
            predicate: (query.only_collider != physics_limits::NONE).then_some(sees),
            ..self.filter(query)
        };
        self.physics.query_pipeline_with_filter(filter)
    }

    /// The query's filter but for the one collider that it may name.
    pub(crate) fn filter(&self, query: &Query) -> QueryFilter<'static> {
        let (memberships, filter) = (query.groups >> 16, query.groups & 0xffff);
        let flags = QueryFilterFlags::from_bits_truncate(query.flags >> query_flag::FILTER_SHIFT);
        let body = self.bodies.at(query.excluded_body);
        let collider = self.colliders.at(query.excluded_collider);
        QueryFilter {
            flags,
            groups: Some(InteractionGroups::new(
                Group::from_bits_retain(memberships),
                Group::from_bits_retain(filter),
                InteractionTestMode::And,
            )),
            exclude_rigid_body: body.map(|(_, handle)| handle),
            exclude_collider: collider.map(|(_, handle)| handle),
            ..QueryFilter::default()
        }
    }

    pub(crate) fn slot_of(&self, handle: ColliderHandle) -> u32 {
        let collider = self.physics.colliders.get(handle);
        collider.map_or(physics_limits::NONE, |collider| collider.user_data as u32)
    }

    fn answer(
        &self,
        query: &Query,
        pipeline: &QueryPipeline<'_>,
        shapes: &Shapes,
        operands: Operands<'_>,
        output: &mut [u32],
    ) -> Result<(), Error> {
        let solid = query.is(query_flag::SOLID);
        match (query.kind, shapes) {
            (query_kind::RAYS, _) => {
                let ray = Ray::new(operands.vector(0)?, operands.vector(3)?);
                let found = pipeline.cast_ray_and_get_normal(&ray, query.maximum, solid);
                let found = found.map(|(collider, found)| Hit {
                    collider,
                    distance: found.time_of_impact,
                    normal: found.normal,
                    feature: found.feature,
                    flags: 0,
                });
                self.write_hit(found, output);
            }
            (query_kind::POINTS, _) => {
                let found = project(query, pipeline, operands.vector(0)?);
                self.write_hit(found, output);
            }
            (query_kind::SHAPE_CASTS, [Some(shape), _]) => {
                let (pose, velocity) = (operands.pose(0, 3)?, operands.vector(7)?);
                let found = pipeline.cast_shape(&pose, velocity, &**shape, query.cast_options());
                let slot = found.map_or(physics_limits::NONE, |(handle, _)| self.slot_of(handle));
                write_shape_hit(slot, found.map(|(_, found)| found), output);
            }
            (query_kind::OVERLAPS, [Some(shape), _]) => {
                let found = pipeline.intersect_shape(operands.pose(0, 3)?, &**shape);
                let mut count = 0;
                for ((handle, _), target) in found.zip(&mut output[1..]) {
                    *target = self.slot_of(handle);
                    count += 1;
                }
                output[0] = count;
                output[1 + count as usize..].fill(physics_limits::NONE);
            }
            (query_kind::SHAPE_PAIRS, [Some(first), Some(second)]) => {
                let poses = [operands.pose(0, 3)?, operands.pose(7, 10)?];
                write_pair_contact(
                    pipeline.dispatcher,
                    query.maximum,
                    poses,
                    [&**first, &**second],
                    output,
                );
            }
            (query_kind::SHAPE_PAIR_CASTS, [Some(first), Some(second)]) => {
                let poses = [operands.pose(0, 3)?, operands.pose(10, 13)?];
                let velocity = operands.vector(17)? - operands.vector(7)?;
                let between = poses[0].inv_mul(&poses[1]);
                let velocity = poses[0].rotation.inverse() * velocity;
                let options = query.cast_options();
                let found = pipeline
                    .dispatcher
                    .cast_shapes(&between, velocity, &**first, &**second, options)
                    .unwrap_or(None);
                write_shape_hit(0, found, output);
            }
            _ => return Err(operands.bad(0)),
        }
        Ok(())
    }

    pub(crate) fn write_hit(&self, found: Option<Hit>, output: &mut [u32]) {
        let slot = found.map_or(physics_limits::NONE, |found| self.slot_of(found.collider));
        write_hit(slot, found, output);
    }
}

/// Writes what was hit, if anything was, as words.
fn write_hit(slot: u32, found: Option<Hit>, output: &mut [u32]) {
    output.fill(0);
    output[hit::COLLIDER as usize] = physics_limits::NONE;
    let Some(found) = found else {
        return;
    };
    output[hit::COLLIDER as usize] = slot;
    output[hit::DISTANCE as usize] = found.distance.to_bits();
    write_vectors([found.normal], &mut output[hit::NORMAL as usize..]);
    output[hit::FEATURE as usize] = feature_word(found.feature);
    output[hit::FLAGS as usize] = found.flags;
}

/// A hit of a shape: normals and points of both.
fn write_shapes(slot: u32, first: Hit, rest: [Vector; 3], output: &mut [u32]) {
    write_hit(slot, Some(first), output);
    write_vectors(rest, &mut output[hit::SECOND_NORMAL as usize..]);
}

fn write_shape_hit(slot: u32, found: Option<ShapeCastHit>, output: &mut [u32]) {
    let Some(found) = found else {
        return write_hit(slot, None, output);
    };
    let first = Hit {
        collider: ColliderHandle::invalid(),
        distance: found.time_of_impact,
        normal: found.normal1,
        feature: FeatureId::Unknown,
        flags: match found.status {
            ShapeCastStatus::PenetratingOrWithinTargetDist => hit_flag::INSIDE,
            _ => 0,
        },
    };
    let rest = [found.normal2, found.witness1, found.witness2];
    write_shapes(slot, first, rest, output);
}

/// How two shapes touch, or would within `farthest`; all in the world.
pub(crate) fn contact_of(
    dispatcher: &dyn QueryDispatcher,
    (place, shape): (&Pose, &dyn Shape),
    (other_place, other): (&Pose, &dyn Shape),
    farthest: f32,
) -> Option<Contact> {
    let between = place.inv_mul(other_place);
    let found = dispatcher.contact(&between, shape, other, farthest);
    let mut found = found.unwrap_or(None)?;
    found.transform_by_mut(place, other_place);
    Some(found)
}

/// How two shapes touch, and whether they overlap.
fn write_pair_contact(
    dispatcher: &dyn QueryDispatcher,
    farthest: f32,
    poses: [Pose; 2],
    shapes: [&dyn Shape; 2],
    output: &mut [u32],
) {
    let [first, second] = [(&poses[0], shapes[0]), (&poses[1], shapes[1])];
    let between = poses[0].inv_mul(&poses[1]);
    let meets = dispatcher.intersection_test(&between, shapes[0], shapes[1]);
    let flags = match meets {
        Ok(meets) if meets.intersecting => hit_flag::INSIDE,
        _ => 0,
    };
    match contact_of(dispatcher, first, second, farthest) {
        Some(found) => {
            let hit = Hit {
                collider: ColliderHandle::invalid(),
                distance: found.dist,
                normal: found.normal1,
                feature: FeatureId::Unknown,
                flags,
            };
            write_shapes(0, hit, [found.normal2, found.point1, found.point2], output);
        }
        None => {
            write_hit(0, None, output);
            output[hit::FLAGS as usize] = flags;
        }
    }
}

/// The nearest collider to a point. Its feature costs more, so it must be asked for.
fn project(query: &Query, pipeline: &QueryPipeline<'_>, point: Vector) -> Option<Hit> {
    let (collider, found, feature) = if query.is(query_flag::FEATURES) {
        pipeline.project_point_and_get_feature(point, query.maximum)?
    } else {
        let solid = query.is(query_flag::SOLID);
        let (collider, found) = pipeline.project_point(point, query.maximum, solid)?;
        (collider, found, FeatureId::Unknown)
    };
    Some(Hit {
        collider,
        distance: found.point.distance(point),
        normal: found.point,
        feature,
        flags: if found.is_inside { hit_flag::INSIDE } else { 0 },
    })
}
