//! What touches what: the pairs that the narrow phase keeps, with their contact points.

use rapier3d::geometry::{ColliderHandle, ContactManifold, ContactPair};

use crate::generated::answers_capnp::{contact_flag as flag, contact_words as words};
use crate::list::List;
use crate::operands::Operands;
use crate::query::{feature_word, write_vectors};
use crate::{Error, World};

impl World {
    /// The contacts of one collider, of two with each other, or of all: a record for each contact point, and one
    /// for each pair that is near but has no point.
    pub(crate) fn list_contacts(
        &self,
        operands: Operands<'_>,
        list: &mut List<'_>,
    ) -> Result<(), Error> {
        let narrow = &self.physics.narrow_phase;
        match (self.named(operands, 0)?, self.named(operands, 1)?) {
            (Some(first), Some(second)) => {
                if let Some(pair) = narrow.contact_pair(first, second) {
                    self.list_pair(pair, list);
                }
            }
            (Some(first), None) => {
                let pairs = narrow.contact_pairs_with(first);
                pairs.for_each(|pair| self.list_pair(pair, list));
            }
            (None, _) => narrow
                .contact_pairs()
                .for_each(|pair| self.list_pair(pair, list)),
        }
        Ok(())
    }

    fn list_pair(&self, pair: &ContactPair, list: &mut List<'_>) {
        let slots = [self.slot_of(pair.collider1), self.slot_of(pair.collider2)];
        let is_empty = pair.manifolds().iter().all(|one| one.points.is_empty());
        if is_empty {
            list.push(|record| record[..2].copy_from_slice(&slots));
        }
        let active = if pair.has_any_active_contact() {
            flag::ACTIVE
        } else {
            0
        };
        for (number, manifold) in pair.manifolds().iter().enumerate() {
            for index in 0..manifold.points.len() {
                list.push(|record| {
                    record[..2].copy_from_slice(&slots);
                    record[words::MANIFOLD as usize] = number as u32;
                    record[words::FLAGS as usize] = active | flag::POINT;
                    self.write_point(pair, manifold, index, record);
                });
            }
        }
    }

    fn write_point(
        &self,
        pair: &ContactPair,
        manifold: &ContactManifold,
        index: usize,
        record: &mut [u32],
    ) {
        let point = &manifold.points[index];
        record[words::FIRST_PART as usize] = manifold.subshape1;
        record[words::SECOND_PART as usize] = manifold.subshape2;
        record[words::FIRST_FEATURE as usize] = feature_word(point.fid1.unpack());
        record[words::SECOND_FEATURE as usize] = feature_word(point.fid2.unpack());
        let place = |handle: ColliderHandle, local| {
            let collider = self.physics.colliders.get(handle);
            collider.map_or(local, |collider| *collider.position() * local)
        };
        let vectors = [
            manifold.data.normal,
            place(pair.collider1, point.local_p1),
            place(pair.collider2, point.local_p2),
            manifold.local_n1,
            manifold.local_n2,
            point.local_p1,
            point.local_p2,
        ];
        write_vectors(vectors, &mut record[words::NORMAL as usize..]);
        let tangent = point.data.tangent_impulse;
        let numbers = [
            point.dist,
            point.data.impulse,
            tangent.x,
            tangent.y,
            manifold.data.friction,
            manifold.data.restitution,
        ];
        let target = &mut record[words::DISTANCE as usize..];
        for (number, word) in numbers.iter().zip(target) {
            *word = number.to_bits();
        }
    }

    /// The pairs of a sensor and what it meets, of one collider, of two, or of all: slots, and whether they
    /// intersect.
    pub(crate) fn list_intersections(
        &self,
        operands: Operands<'_>,
        list: &mut List<'_>,
    ) -> Result<(), Error> {
        let narrow = &self.physics.narrow_phase;
        let mut push = |first: ColliderHandle, second: ColliderHandle, is_intersecting: bool| {
            let record = [
                self.slot_of(first),
                self.slot_of(second),
                u32::from(is_intersecting),
            ];
            list.push(|target| target.copy_from_slice(&record));
        };
        match (self.named(operands, 0)?, self.named(operands, 1)?) {
            (Some(first), Some(second)) => {
                if let Some(is_intersecting) = narrow.intersection_pair(first, second) {
                    push(first, second, is_intersecting);
                }
            }
            (Some(first), None) => narrow
                .intersection_pairs_with(first)
                .for_each(|(one, other, is)| push(one, other, is)),
            (None, _) => narrow
                .intersection_pairs()
                .for_each(|(one, other, is)| push(one, other, is)),
        }
        Ok(())
    }
}
