//! Questions to a world, many at a time: rays, points, moving shapes, overlaps.

use rapier3d::geometry::SharedShape;
use rapier3d::geometry::{ColliderHandle, Group, InteractionGroups, InteractionTestMode, Ray};
use rapier3d::math::Vector;
use rapier3d::parry::query::ShapeCastOptions;
use rapier3d::pipeline::{QueryFilter, QueryFilterFlags};

use crate::generated::physics_capnp::{physics_limits, query_flag, query_hit as hit, query_kind};
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
    /// How many overlaps are wanted of each.
    pub limit: u32,
    /// The farthest distance, or the longest time.
    pub maximum: f32,
}

impl Query {
    /// Words of one query's input.
    pub fn input_words(&self) -> Result<usize, Error> {
        Ok(match self.kind {
            query_kind::RAYS => 6,
            query_kind::POINTS => 3,
            query_kind::SHAPE_CASTS => 10,
            query_kind::OVERLAPS => 7,
            _ => {
                return Err(Error::BadQuery {
                    reason: "there is no such kind of query",
                });
            }
        })
    }

    /// Words of one query's answer.
    pub fn output_words(&self) -> usize {
        if self.kind == query_kind::OVERLAPS {
            return 1 + self.limit as usize;
        }
        hit::WORDS as usize
    }
}

impl World {
    /// The shape that shape casts and overlaps ask with: its kind and sizes.
    ///
    /// # Errors
    /// As for a collider's shape.
    pub(crate) fn query_shape(
        &self,
        query: &Query,
        words: &[u32],
    ) -> Result<Option<SharedShape>, Error> {
        if query.kind != query_kind::SHAPE_CASTS && query.kind != query_kind::OVERLAPS {
            return Ok(None);
        }
        self.shape(Operands::new(words, 0), 0, 1).map(Some)
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
        let shape = self.query_shape(query, shape_words)?;
        let inputs = input.chunks_exact(query.input_words()?);
        let outputs = output.chunks_exact_mut(query.output_words());
        for (index, (input, output)) in inputs.zip(outputs).enumerate() {
            let operands = Operands::new(input, first + index as u32);
            self.answer(query, shape.as_ref(), operands, output)?;
        }
        Ok(())
    }

    fn filter(&self, query: &Query) -> QueryFilter<'static> {
        let (memberships, filter) = (query.groups >> 16, query.groups & 0xffff);
        let flags = QueryFilterFlags::from_bits_truncate(query.flags >> query_flag::FILTER_SHIFT);
        let excluded = self.bodies.at(query.excluded_body);
        QueryFilter {
            flags,
            groups: Some(InteractionGroups::new(
                Group::from_bits_retain(memberships),
                Group::from_bits_retain(filter),
                InteractionTestMode::And,
            )),
            exclude_rigid_body: excluded.map(|(_, handle)| handle),
            ..QueryFilter::default()
        }
    }

    fn slot_of(&self, handle: ColliderHandle) -> u32 {
        let collider = self.physics.colliders.get(handle);
        collider.map_or(physics_limits::NONE, |collider| collider.user_data as u32)
    }

    fn answer(
        &self,
        query: &Query,
        shape: Option<&SharedShape>,
        operands: Operands<'_>,
        output: &mut [u32],
    ) -> Result<(), Error> {
        let pipeline = self.physics.query_pipeline_with_filter(self.filter(query));
        let solid = query.flags & query_flag::SOLID != 0;
        let found = match (query.kind, shape) {
            (query_kind::RAYS, _) => {
                let ray = Ray::new(operands.vector(0)?, operands.vector(3)?);
                pipeline
                    .cast_ray_and_get_normal(&ray, query.maximum, solid)
                    .map(|(handle, found)| (handle, found.time_of_impact, found.normal))
            }
            (query_kind::POINTS, _) => {
                let point = operands.vector(0)?;
                pipeline
                    .project_point(point, query.maximum, solid)
                    .map(|(handle, found)| (handle, found.point.distance(point), found.point))
            }
            (query_kind::SHAPE_CASTS, Some(shape)) => {
                let options = ShapeCastOptions::with_max_time_of_impact(query.maximum);
                let (pose, velocity) = (operands.pose(0, 3)?, operands.vector(7)?);
                pipeline
                    .cast_shape(&pose, velocity, &**shape, options)
                    .map(|(handle, found)| (handle, found.time_of_impact, found.normal1))
            }
            (query_kind::OVERLAPS, Some(shape)) => {
                let found = pipeline.intersect_shape(operands.pose(0, 3)?, &**shape);
                let mut count = 0;
                for ((handle, _), target) in found.zip(&mut output[1..]) {
                    *target = self.slot_of(handle);
                    count += 1;
                }
                output[0] = count;
                output[1 + count as usize..].fill(physics_limits::NONE);
                return Ok(());
            }
            _ => return Err(operands.bad(0)),
        };
        self.write_hit(found, output);
        Ok(())
    }

    fn write_hit(&self, found: Option<(ColliderHandle, f32, Vector)>, output: &mut [u32]) {
        let (slot, distance, normal) = found.map_or(
            (physics_limits::NONE, 0.0, Vector::ZERO),
            |(handle, distance, normal)| (self.slot_of(handle), distance, normal),
        );
        output[hit::COLLIDER as usize] = slot;
        output[hit::DISTANCE as usize] = distance.to_bits();
        let axes = normal.to_array().map(f32::to_bits);
        output[hit::NORMAL as usize..].copy_from_slice(&axes);
    }
}
