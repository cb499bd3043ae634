//! What colliders do to each other, noted while the world steps.

use std::sync::{Mutex, PoisonError};

use rapier3d::dynamics::{RigidBodySet, SoftBodySet, SoftBodyTearEvent};
use rapier3d::geometry::{
    ColliderHandle, ColliderSet, CollisionEvent, CollisionEventFlags, ContactForceEvent,
    ContactPair,
};
use rapier3d::pipeline::EventHandler;

use crate::generated::physics_capnp::{event_flag, event_kind, physics_limits};

/// One event, as its words in the ring say it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// Started, stopped or contact force.
    pub kind: u32,
    /// The first collider's slot.
    pub first: u32,
    /// The second collider's slot.
    pub second: u32,
    /// Whether one is a sensor, or was removed.
    pub flags: u32,
    /// The sum of the forces between the two, in newtons.
    pub force: f32,
    /// The strongest of them.
    pub strongest: f32,
    /// The forces added up, as the first collider pushes the second.
    pub total: [f32; 3],
    /// Where the strongest points.
    pub direction: [f32; 3],
}

/// The events of a step, in rapier's order, which is the same everywhere.
#[derive(Default)]
pub(crate) struct Collector(Mutex<Vec<Event>>);

impl Collector {
    fn push(&self, event: Event) {
        let mut events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        events.push(event);
    }

    /// Takes what was noted, in order.
    pub(crate) fn drain(&mut self, mut see: impl FnMut(Event)) {
        let events = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        for event in events.drain(..) {
            see(event);
        }
    }
}

fn slot(colliders: &ColliderSet, handle: ColliderHandle) -> u32 {
    let collider = colliders.get(handle);
    collider.map_or(physics_limits::NONE, |collider| collider.user_data as u32)
}

impl EventHandler for Collector {
    fn handle_collision_event(
        &self,
        _: &RigidBodySet,
        colliders: &ColliderSet,
        event: CollisionEvent,
        _: Option<&ContactPair>,
    ) {
        let (kind, first, second, flags) = match event {
            CollisionEvent::Started(first, second, flags) => {
                (event_kind::STARTED, first, second, flags)
            }
            CollisionEvent::Stopped(first, second, flags) => {
                (event_kind::STOPPED, first, second, flags)
            }
        };
        let bit = |flag, bit| if flags.contains(flag) { bit } else { 0 };
        self.push(Event {
            kind,
            first: slot(colliders, first),
            second: slot(colliders, second),
            flags: bit(CollisionEventFlags::SENSOR, event_flag::SENSOR)
                | bit(CollisionEventFlags::REMOVED, event_flag::REMOVED),
            force: 0.0,
            strongest: 0.0,
            total: [0.0; 3],
            direction: [0.0; 3],
        });
    }

    fn handle_contact_force_event(
        &self,
        dt: f32,
        _: &RigidBodySet,
        colliders: &ColliderSet,
        pair: &ContactPair,
        total: f32,
    ) {
        let event = ContactForceEvent::from_contact_pair(dt, pair, total);
        self.push(Event {
            kind: event_kind::CONTACT_FORCE,
            first: slot(colliders, event.collider1),
            second: slot(colliders, event.collider2),
            flags: 0,
            force: event.total_force_magnitude,
            strongest: event.max_force_magnitude,
            total: event.total_force.to_array(),
            direction: event.max_force_direction.to_array(),
        });
    }

    fn handle_soft_body_tear_event(&self, _: &SoftBodySet, _: &SoftBodyTearEvent) {}
}
