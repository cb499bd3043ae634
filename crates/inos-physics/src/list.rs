//! Questions of whose answers nobody knows beforehand how many there are: all hits of a ray, all that a point is
//! in, all contacts.
//!
//! The output begins with where each question's answers start, and one more for where the last end; then come the
//! answers, records of as many words as their kind has. What doesn't fit is counted but not written, so that the
//! host can ask again with enough room.

use rapier3d::geometry::{Aabb, Collider, Ray, TypedShape};
use rapier3d::parry::bounding_volume::BoundingVolume;
use rapier3d::parry::shape::FeatureId;

use crate::generated::answers_capnp::{contact_words, list_kind as kind};
use crate::generated::controls_capnp::character_collision_words;
use crate::generated::physics_capnp::{physics_limits, query_flag, query_hit as hit};
use crate::operands::Operands;
use crate::query::{Hit, contact_of, write_vectors};
use crate::{Error, Query, World};

/// Answers that are being written.
pub(crate) struct List<'o> {
    records: &'o mut [u32],
    width: usize,
    count: u32,
}

impl<'o> List<'o> {
    pub(crate) fn new(records: &'o mut [u32], width: usize) -> Self {
        Self {
            records,
            width,
            count: 0,
        }
    }

    /// How many answers there are, written or not.
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// Adds an answer. `write` is called if there is room for it, with zeros.
    pub(crate) fn push(&mut self, write: impl FnOnce(&mut [u32])) {
        let start = self.count as usize * self.width;
        if let Some(record) = self.records.get_mut(start..start + self.width) {
            record.fill(0);
            write(record);
        }
        self.count += 1;
    }
}

/// Words of a list's input and of its records.
///
/// # Errors
/// [`Error::BadQuery`] for a kind that there isn't.
pub fn list_widths(which: u32) -> Result<(usize, usize), Error> {
    let hit = hit::WORDS as usize;
    Ok(match which {
        kind::RAY_HITS => (6, hit),
        kind::POINT_HITS => (3, 1),
        kind::BOXES => (6, 1),
        kind::SHAPE_CONTACTS => (7, hit::SHAPE_WORDS as usize),
        kind::CONTACTS => (2, contact_words::WORDS as usize),
        kind::INTERSECTIONS => (2, 3),
        kind::CHARACTER_COLLISIONS => (2, character_collision_words::WORDS as usize),
        kind::SHAPE_POINTS => (1, 3),
        kind::SHAPE_INDICES => (1, 1),
        kind::SOFT_POSITIONS | kind::SOFT_VELOCITIES | kind::SOFT_TRIANGLES => (2, 3),
        kind::SOFT_EDGES => (2, 2),
        _ => {
            return Err(Error::BadQuery {
                reason: "there is no such kind of list",
            });
        }
    })
}

impl World {
    /// Answers questions of one kind into `output`. Says how many answers there are, also where they didn't fit.
    ///
    /// # Errors
    /// [`Error::BadQuery`] if `output` has no room for where the answers start; [`Error::BadCommand`] with the
    /// number of the question in place of the command's word.
    pub fn list(
        &self,
        query: &Query,
        shape_words: &[u32],
        input: &[u32],
        output: &mut [u32],
    ) -> Result<u32, Error> {
        let (input_words, width) = list_widths(query.kind)?;
        let questions = input.len() / input_words;
        let no_room = Error::BadQuery {
            reason: "there is no room for where the answers start",
        };
        let (starts, records) = output.split_at_mut_checked(questions + 1).ok_or(no_room)?;
        let mut list = List::new(records, width);
        for (index, input) in input.chunks_exact(input_words).enumerate() {
            starts[index] = list.count();
            let operands = Operands::new(input, index as u32);
            self.list_one(query, shape_words, operands, &mut list)?;
        }
        starts[questions] = list.count();
        Ok(list.count())
    }

    fn list_one(
        &self,
        query: &Query,
        shape_words: &[u32],
        operands: Operands<'_>,
        list: &mut List<'_>,
    ) -> Result<(), Error> {
        match query.kind {
            kind::RAY_HITS => self.list_ray_hits(query, operands, list),
            kind::POINT_HITS | kind::BOXES => self.list_colliders(query, operands, list),
            kind::SHAPE_CONTACTS => self.list_shape_contacts(query, shape_words, operands, list),
            kind::CONTACTS => self.list_contacts(operands, list),
            kind::INTERSECTIONS => self.list_intersections(operands, list),
            kind::CHARACTER_COLLISIONS => self.list_collisions(operands, list),
            kind::SHAPE_POINTS => self.list_shape_points(operands, list),
            kind::SHAPE_INDICES => self.list_shape_indices(operands, list),
            which => self.list_soft(which, operands, list),
        }
    }

    /// Nearest first; of equally near ones the lower slot first.
    fn list_ray_hits(
        &self,
        query: &Query,
        operands: Operands<'_>,
        list: &mut List<'_>,
    ) -> Result<(), Error> {
        let ray = Ray::new(operands.vector(0)?, operands.vector(3)?);
        let only = self.only(query);
        let sees = |handle, _: &Collider| only.sees(handle);
        let pipeline = self.pipeline(query, &sees);
        let solid = query.is(query_flag::SOLID);
        let mut hits: Vec<(u32, Hit)> = pipeline
            .intersect_ray(ray, query.maximum, solid)
            .map(|(collider, _, found)| {
                let hit = Hit {
                    collider,
                    distance: found.time_of_impact,
                    normal: found.normal,
                    feature: found.feature,
                    flags: 0,
                };
                (self.slot_of(collider), hit)
            })
            .collect();
        hits.sort_by(|(slot, one), (other_slot, other)| {
            let by_distance = one.distance.total_cmp(&other.distance);
            by_distance.then(slot.cmp(other_slot))
        });
        for (_, hit) in hits {
            list.push(|record| self.write_hit(Some(hit), record));
        }
        Ok(())
    }

    /// What a point is in, or whose bounds a box meets, by ascending slot.
    fn list_colliders(
        &self,
        query: &Query,
        operands: Operands<'_>,
        list: &mut List<'_>,
    ) -> Result<(), Error> {
        let only = self.only(query);
        let sees = |handle, _: &Collider| only.sees(handle);
        let pipeline = self.pipeline(query, &sees);
        let first = operands.vector(0)?;
        let mut slots: Vec<u32> = if query.kind == kind::POINT_HITS {
            let found = pipeline.intersect_point(first);
            found.map(|(handle, _)| self.slot_of(handle)).collect()
        } else {
            let bounds = Aabb::from_half_extents(first, operands.vector(3)?.abs());
            let found = pipeline.intersect_aabb_conservative(bounds);
            found.map(|(handle, _)| self.slot_of(handle)).collect()
        };
        slots.sort_unstable();
        for slot in slots {
            list.push(|record| record[0] = slot);
        }
        Ok(())
    }

    /// How a shape at a place touches, or would touch within `maximum`, each collider; by ascending slot.
    fn list_shape_contacts(
        &self,
        query: &Query,
        shape_words: &[u32],
        operands: Operands<'_>,
        list: &mut List<'_>,
    ) -> Result<(), Error> {
        let shape = self.shape(Operands::new(shape_words, 0), 0, 1)?;
        let pose = operands.pose(0, 3)?;
        let only = self.only(query);
        let sees = |handle, _: &Collider| only.sees(handle);
        let pipeline = self.pipeline(query, &sees);
        let bounds = shape.compute_aabb(&pose).loosened(query.maximum.max(0.0));
        let mut near: Vec<_> = pipeline
            .intersect_aabb_conservative(bounds)
            .map(|(handle, collider)| (self.slot_of(handle), handle, collider))
            .collect();
        near.sort_unstable_by_key(|(slot, ..)| *slot);
        for (_, handle, collider) in near {
            let (place, other) = (collider.position(), collider.shape());
            let Some(found) = contact_of(
                pipeline.dispatcher,
                (place, other),
                (&pose, &*shape),
                query.maximum,
            ) else {
                continue;
            };
            let first = Hit {
                collider: handle,
                distance: found.dist,
                normal: found.normal1,
                feature: FeatureId::Unknown,
                flags: 0,
            };
            list.push(|record| {
                self.write_hit(Some(first), record);
                let rest = [found.normal2, found.point1, found.point2];
                write_vectors(rest, &mut record[hit::SECOND_NORMAL as usize..]);
            });
        }
        Ok(())
    }

    /// The points of a hull, a mesh or a polyline; the heights of a heightfield as points.
    fn list_shape_points(&self, operands: Operands<'_>, list: &mut List<'_>) -> Result<(), Error> {
        let collider = self.named(operands, 0)?.ok_or(operands.bad(0))?;
        let shape = self.physics.colliders[collider].shape();
        let points = match shape.as_typed_shape() {
            TypedShape::ConvexPolyhedron(hull) => hull.points().to_vec(),
            TypedShape::RoundConvexPolyhedron(hull) => hull.inner_shape.points().to_vec(),
            TypedShape::TriMesh(mesh) => mesh.vertices().to_vec(),
            TypedShape::Polyline(line) => line.vertices().to_vec(),
            TypedShape::HeightField(field) => field.to_trimesh().0,
            TypedShape::Voxels(voxels) => voxels
                .voxels()
                .filter(|voxel| !voxel.state.is_empty())
                .map(|voxel| voxel.center)
                .collect(),
            _ => Vec::new(),
        };
        for point in points {
            list.push(|record| write_vectors([point], record));
        }
        Ok(())
    }

    /// The indices of its triangles, or of its segments.
    fn list_shape_indices(&self, operands: Operands<'_>, list: &mut List<'_>) -> Result<(), Error> {
        let collider = self.named(operands, 0)?.ok_or(operands.bad(0))?;
        let shape = self.physics.colliders[collider].shape();
        let indices: Vec<u32> = match shape.as_typed_shape() {
            TypedShape::ConvexPolyhedron(hull) => hull.to_trimesh().1.concat(),
            TypedShape::RoundConvexPolyhedron(hull) => hull.inner_shape.to_trimesh().1.concat(),
            TypedShape::TriMesh(mesh) => mesh.indices().concat(),
            TypedShape::Polyline(line) => line.indices().concat(),
            TypedShape::HeightField(field) => field.to_trimesh().1.concat(),
            _ => Vec::new(),
        };
        for index in indices {
            list.push(|record| record[0] = index);
        }
        Ok(())
    }

    /// The collider in a slot that a question names; `None` for no slot.
    pub(crate) fn named(
        &self,
        operands: Operands<'_>,
        index: u32,
    ) -> Result<Option<rapier3d::geometry::ColliderHandle>, Error> {
        match operands.word(index)? {
            physics_limits::NONE => Ok(None),
            slot => {
                let found = self.colliders.at(slot).map(|(_, handle)| handle);
                found.map(Some).ok_or(operands.bad(index))
            }
        }
    }
}
