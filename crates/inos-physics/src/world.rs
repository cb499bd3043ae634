//! A world of bodies.

use rapier3d::dynamics::{IntegrationParameters, RigidBodyHandle, SoftBodyHandle};
use rapier3d::geometry::{ColliderHandle, SharedShape};
use rapier3d::math::Vector;
use rapier3d::pipeline::PhysicsWorld;

use crate::control::Control;
use crate::dispatch::Dispatcher;
use crate::event::Collector;
use crate::generated::physics_capnp::{physics_limits, world_property as property};
use crate::hooks::Hooks;
use crate::joint::Joint;
use crate::operands::Operands;
use crate::{Error, Event, Slots};

/// The most iterations of each kind in a step.
const MOST_ITERATIONS: u32 = 255;

/// What a world is made with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WorldOptions {
    /// Acceleration of all dynamic bodies, in metres per second squared.
    pub gravity: [f32; 3],
    /// Seconds of a step.
    pub step_seconds: f32,
    /// The most bodies.
    pub capacity: u32,
    /// How often the solver goes over its constraints in a step.
    pub solver_iterations: u32,
    /// How many units a typical body is long.
    pub length_unit: f32,
}

impl Default for WorldOptions {
    fn default() -> Self {
        Self {
            gravity: [0.0, -9.81, 0.0],
            step_seconds: 1.0 / 60.0,
            capacity: 1024,
            solver_iterations: 4,
            length_unit: 1.0,
        }
    }
}

/// A world. The same commands in the same order give the same bits on every machine.
pub struct World {
    pub(crate) physics: PhysicsWorld,
    pub(crate) bodies: Slots<RigidBodyHandle>,
    pub(crate) colliders: Slots<ColliderHandle>,
    pub(crate) joints: Slots<Joint>,
    pub(crate) shapes: Slots<SharedShape>,
    pub(crate) controls: Slots<Control>,
    pub(crate) softs: Slots<SoftBodyHandle>,
    pub(crate) hooks: Hooks,
    /// Empty between steps.
    pub(crate) events: Collector,
    /// Whether joints or soft bodies came, went or changed since the latest step.
    pub(crate) unstepped: bool,
    pub(crate) steps: u64,
    pub(crate) capacity: u32,
}

impl World {
    /// An empty world.
    pub fn new(options: &WorldOptions) -> Self {
        #[cfg(not(target_arch = "wasm32"))]
        crate::maths::link();
        let mut physics = PhysicsWorld::new();
        physics.narrow_phase.set_query_dispatcher(Dispatcher::new());
        physics.gravity = Vector::from_array(options.gravity);
        physics.integration_parameters = IntegrationParameters {
            dt: options.step_seconds,
            length_unit: options.length_unit,
            num_solver_iterations: options.solver_iterations.max(1) as usize,
            ..IntegrationParameters::default()
        };
        Self {
            physics,
            bodies: Slots::new(options.capacity),
            colliders: Slots::new(physics_limits::NONE),
            joints: Slots::new(physics_limits::NONE),
            shapes: Slots::new(physics_limits::NONE),
            controls: Slots::new(physics_limits::NONE),
            softs: Slots::new(physics_limits::NONE),
            hooks: Hooks::default(),
            events: Collector::default(),
            unstepped: false,
            steps: 0,
            capacity: options.capacity,
        }
    }

    /// How many steps it has taken.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// How many bodies it has: what a step costs.
    pub fn body_count(&self) -> u32 {
        self.bodies.live()
    }

    /// The most bodies that it can have.
    pub fn capacity(&self) -> u32 {
        self.capacity
    }

    /// Slots in use, from 0 up to this.
    pub fn slot_end(&self) -> u32 {
        self.bodies.end()
    }

    /// Takes one step.
    pub fn step(&mut self) {
        self.drive();
        self.physics.step_with_events(&self.hooks, &self.events);
        self.unstepped = false;
        self.steps += 1;
    }

    /// Takes the events since they were last taken, in order.
    pub fn drain_events(&mut self, see: impl FnMut(Event)) {
        self.events.drain(see);
    }

    /// Changes a property of the world itself.
    pub(crate) fn set(&mut self, operands: Operands<'_>) -> Result<(), Error> {
        let parameters = &mut self.physics.integration_parameters;
        let positive = || operands.positive(1);
        let count = || {
            operands
                .word(1)
                .map(|count| count.min(MOST_ITERATIONS) as usize)
        };
        match operands.word(0)? {
            property::GRAVITY => self.physics.gravity = operands.vector(1)?,
            property::STEP_SECONDS => parameters.dt = positive()?,
            property::LENGTH_UNIT => parameters.length_unit = positive()?,
            property::SOLVER_ITERATIONS => parameters.num_solver_iterations = count()?.max(1),
            property::PGS_ITERATIONS => parameters.num_internal_pgs_iterations = count()?,
            property::STABILIZATION_ITERATIONS => {
                parameters.num_internal_stabilization_iterations = count()?;
            }
            property::CCD_SUBSTEPS => parameters.max_ccd_substeps = count()?,
            property::CONTACT_FREQUENCY => {
                parameters.contact_softness.natural_frequency = positive()?;
            }
            property::CONTACT_DAMPING_RATIO => {
                parameters.contact_softness.damping_ratio = positive()?;
            }
            property::ALLOWED_LINEAR_ERROR => {
                parameters.normalized_allowed_linear_error = operands.size(1)?;
            }
            property::PREDICTION_DISTANCE => {
                parameters.normalized_prediction_distance = operands.size(1)?;
            }
            property::MAXIMUM_CORRECTIVE_VELOCITY => {
                parameters.normalized_max_corrective_velocity = operands.size(1)?;
            }
            property::WARMSTART => parameters.warmstart_coefficient = operands.size(1)?,
            _ => return Err(operands.bad(0)),
        }
        Ok(())
    }
}
