//! Portable snapshots: a world as bytes for files and other machines.
//!
//! A head, the host's own bytes, commands, then the world itself by serde. The commands are those that came with the
//! job: rapier keeps some of what follows from them where serde doesn't look, so they are applied again. The head says which format and which rapier made
//! the bytes, because another rapier would read other fields; and a BLAKE3 of all the rest, because serde can't
//! tell damage from data.

use core::ops::Range;

use inos_physics_cold::{read_world, write_world};
use rapier3d::dynamics::{RigidBodyHandle, SoftBodyHandle};
use rapier3d::geometry::{ColliderHandle, SharedShape};
use rapier3d::pipeline::PhysicsWorld;
use serde::{Deserialize, Serialize};

use crate::control::Control;
use crate::dispatch::Dispatcher;
use crate::event::Collector;
use crate::generated::physics_capnp::snapshot_words as words;
use crate::hooks::Hooks;
use crate::joint::Joint;
use crate::{Error, Slots, World, soft};

const HEAD_BYTES: usize = words::HEAD_BYTES as usize;
const CHECKSUM: Range<usize> = words::CHECKSUM as usize * 4..words::CHECKSUM as usize * 4 + 32;

/// What of a world is ours rather than rapier's.
#[derive(Serialize, Deserialize)]
struct Tables {
    bodies: Slots<RigidBodyHandle>,
    colliders: Slots<ColliderHandle>,
    joints: Slots<Joint>,
    /// Each shape's place among those that are written beside.
    shapes: Slots<u32>,
    controls: Slots<Control>,
    softs: Slots<SoftBodyHandle>,
    hooks: Hooks,
    steps: u64,
    capacity: u32,
}

/// What a snapshot's head says.
struct Head {
    host: Range<usize>,
    commands: Range<usize>,
    world: Range<usize>,
}

fn bad(reason: &'static str) -> Error {
    Error::BadSnapshot { reason }
}

fn word(bytes: &[u8], index: u32) -> Result<u32, Error> {
    let start = index as usize * 4;
    let word = bytes
        .get(start..)
        .and_then(|rest| rest.first_chunk::<4>())
        .ok_or(bad("it is shorter than a head"))?;
    Ok(u32::from_le_bytes(*word))
}

/// BLAKE3 of a snapshot without its checksum.
fn checksum(bytes: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&bytes[..CHECKSUM.start]);
    hasher.update(&bytes[CHECKSUM.end..]);
    *hasher.finalize().as_bytes()
}

impl Head {
    fn read(bytes: &[u8]) -> Result<Self, Error> {
        let magic = [word(bytes, words::MAGIC)?, word(bytes, words::MAGIC + 1)?];
        if magic != [words::MAGIC_VALUE, words::SECOND_MAGIC_VALUE] {
            return Err(bad("it doesn't begin as snapshots do"));
        }
        let (format, rapier) = (word(bytes, words::FORMAT)?, word(bytes, words::RAPIER)?);
        if format != words::FORMAT_VERSION || rapier != words::RAPIER_VERSION {
            return Err(Error::SnapshotVersion { format, rapier });
        }
        let host = word(bytes, words::HOST_BYTES)? as usize;
        let commands = word(bytes, words::COMMAND_BYTES)? as usize;
        let world = word(bytes, words::WORLD_BYTES)? as usize;
        let length = [host, commands, world]
            .into_iter()
            .try_fold(HEAD_BYTES, usize::checked_add);
        if length != Some(bytes.len()) {
            return Err(bad("its length isn't the one that its head says"));
        }
        if bytes[CHECKSUM] != checksum(bytes) {
            return Err(bad("its checksum isn't that of its bytes"));
        }
        let start = HEAD_BYTES + host;
        Ok(Self {
            host: HEAD_BYTES..start,
            commands: start..start + commands,
            world: start + commands..bytes.len(),
        })
    }
}

/// How many bodies the world of a snapshot can have.
///
/// # Errors
/// [`Error::BadSnapshot`] or [`Error::SnapshotVersion`] for what is no whole snapshot of this version.
pub fn snapshot_capacity(bytes: &[u8]) -> Result<u32, Error> {
    Head::read(bytes)?;
    word(bytes, words::CAPACITY)
}

impl World {
    /// The world as it will be after `commands`, as bytes that any machine can restore, with `host`'s bytes among
    /// them. The world itself doesn't take the commands.
    ///
    /// # Errors
    /// [`Error::Unstepped`] if joints or soft bodies changed since the latest step: what rapier remembers of that until the
    /// next one isn't in any bytes. [`Error::BadSnapshot`] if the world is too large for the format.
    pub fn snapshot(&self, host: &[u8], commands: &[u32]) -> Result<Vec<u8>, Error> {
        if self.unstepped && self.steps() > 0 {
            return Err(Error::Unstepped);
        }
        let mut bytes = vec![0; HEAD_BYTES];
        bytes.extend_from_slice(host);
        bytes.extend(commands.iter().flat_map(|word| word.to_le_bytes()));
        let start = bytes.len();
        let too_large = bad("the world is too large");
        let mut shapes = Vec::new();
        let tables = postcard::to_allocvec(&self.tables(&mut shapes)).map_err(|_| too_large)?;
        let mut bytes = write_world(&self.physics, &shapes, &tables, bytes).ok_or(too_large)?;
        let world = u32::try_from(bytes.len() - start).map_err(|_| too_large)?;
        let head = [
            (words::MAGIC, words::MAGIC_VALUE),
            (words::MAGIC + 1, words::SECOND_MAGIC_VALUE),
            (words::FORMAT, words::FORMAT_VERSION),
            (words::RAPIER, words::RAPIER_VERSION),
            (words::CAPACITY, self.capacity()),
            (words::HOST_BYTES, host.len() as u32),
            (words::COMMAND_BYTES, (commands.len() * 4) as u32),
            (words::WORLD_BYTES, world),
        ];
        for (index, value) in head {
            let start = index as usize * 4;
            bytes[start..start + 4].copy_from_slice(&value.to_le_bytes());
        }
        let checksum = checksum(&bytes);
        bytes[CHECKSUM].copy_from_slice(&checksum);
        Ok(bytes)
    }

    /// The world of a snapshot, and where in it the host's bytes lie.
    ///
    /// # Errors
    /// [`Error::SnapshotVersion`] for bytes of another format or rapier, [`Error::BadSnapshot`] for damaged ones,
    /// [`Error::NoSoftBodies`] if it has some and the module is built without them.
    pub fn restore(bytes: &[u8]) -> Result<(Self, Range<usize>), Error> {
        #[cfg(not(target_arch = "wasm32"))]
        crate::maths::link();
        let head = Head::read(bytes)?;
        let unreadable = bad("its world can't be read");
        let (physics, shapes, tables) = read_world(&bytes[head.world]).ok_or(unreadable)?;
        if !physics.soft_bodies.is_empty() && !soft::are_built_in() {
            return Err(Error::NoSoftBodies);
        }
        let (tables, rest) = postcard::take_from_bytes(tables).map_err(|_| unreadable)?;
        let mut world = Self::with_tables(physics, &shapes, tables).ok_or(unreadable)?;
        let capacity = word(bytes, words::CAPACITY)?;
        let (commands, odd) = bytes[head.commands].as_chunks::<4>();
        let is_whole = rest.is_empty() && odd.is_empty();
        if !is_whole || world.capacity() != capacity || !world.is_whole() {
            return Err(unreadable);
        }
        let commands: Vec<u32> = commands
            .iter()
            .map(|word| u32::from_le_bytes(*word))
            .collect();
        world.apply(&commands).map_err(|_| unreadable)?;
        Ok((world, head.host))
    }

    fn tables(&self, shapes: &mut Vec<SharedShape>) -> Tables {
        Tables {
            bodies: self.bodies.clone(),
            colliders: self.colliders.clone(),
            joints: self.joints.clone(),
            shapes: self.shapes.map(|shape| {
                shapes.push(shape.clone());
                Some(shapes.len() as u32 - 1)
            }),
            controls: self.controls.clone(),
            softs: self.softs.clone(),
            hooks: self.hooks.clone(),
            steps: self.steps,
            capacity: self.capacity,
        }
    }

    /// The world again; `None` if a shape's place isn't one.
    fn with_tables(
        mut physics: PhysicsWorld,
        shapes: &[SharedShape],
        tables: Tables,
    ) -> Option<Self> {
        physics.narrow_phase.set_query_dispatcher(Dispatcher::new());
        let places = tables
            .shapes
            .map(|&place| shapes.get(place as usize).cloned());
        (places.live() == tables.shapes.live()).then_some(Self {
            physics,
            bodies: tables.bodies,
            colliders: tables.colliders,
            joints: tables.joints,
            shapes: places,
            controls: tables.controls,
            softs: tables.softs,
            hooks: tables.hooks,
            events: Collector::default(),
            unstepped: false,
            steps: tables.steps,
            capacity: tables.capacity,
        })
    }

    /// Whether each slot leads to something that is there.
    fn is_whole(&self) -> bool {
        let PhysicsWorld {
            bodies,
            colliders,
            soft_bodies,
            ..
        } = &self.physics;
        let mut softs = bodies.iter().filter_map(|(_, body)| body.soft_body());
        let mut meshes = colliders
            .iter()
            .filter_map(|(_, collider)| collider.deformable_mesh_ref());
        self.body_count() <= self.capacity()
            && self
                .bodies
                .iter()
                .all(|(_, handle)| bodies.contains(handle))
            && self
                .colliders
                .iter()
                .all(|(_, handle)| colliders.contains(handle))
            && self
                .softs
                .iter()
                .all(|(_, handle)| soft_bodies.contains(handle))
            && softs.all(|handle| soft_bodies.contains(handle))
            && meshes.all(|mesh| soft_bodies.contains(mesh.body))
            && self
                .joints
                .iter()
                .all(|(_, joint)| joint.is_in(&self.physics))
    }
}

#[cfg(test)]
mod tests {
    use rapier3d::dynamics::{SoftBodyBuilder, SoftBodySet};
    use rapier3d::math::Vector;

    use super::*;
    use crate::WorldOptions;

    /// A module without soft bodies would have nothing to step what is left of one with.
    #[test]
    fn what_soft_bodies_leave_behind_is_refused_without_them() {
        let mut world = World::new(&WorldOptions::default());
        let cloth = SoftBodyBuilder::cloth(Vector::ZERO, Vector::X, Vector::Z, 3, 3);
        world.physics.insert_soft_body(cloth);
        let whole = world.snapshot(&[], &[]).unwrap();
        assert!(World::restore(&whole).is_ok());
        world.physics.soft_bodies = SoftBodySet::new();
        assert!(!world.physics.colliders.is_empty());
        let forged = world.snapshot(&[], &[]).unwrap();
        assert_eq!(
            World::restore(&forged).err(),
            Some(bad("its world can't be read"))
        );
    }
}
