//! PID controllers: they give a body the velocity that takes it to where it shall be.

use rapier3d::control::PidController;
use rapier3d::dynamics::{AxesMask, RigidBodyHandle, RigidBodyVelocity};
use rapier3d::math::{Pose, Rotation, Vector};
use rapier3d::pipeline::PhysicsWorld;
use serde::{Deserialize, Serialize};

use crate::control::Control;
use crate::generated::controls_capnp::{
    pid_flag as flag, pid_operand as operand, pid_target as target,
};
use crate::operands::Operands;
use crate::{Error, World};

/// Where a body shall be, and how fast.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Target {
    flags: u32,
    position: Vector,
    rotation: Rotation,
    linear_velocity: Vector,
    angular_velocity: Vector,
}

/// A controller, its body, and what it is drawn to before each step.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Pid {
    pub(crate) inner: PidController,
    body: RigidBodyHandle,
    target: Option<Target>,
}

impl Pid {
    /// Reads the operands from `start` on.
    fn set(&mut self, operands: Operands<'_>, start: u32) -> Result<(), Error> {
        let gains = |index: u32| operands.vector(start + index);
        let (linear, angular) = (operand::LINEAR_GAINS, operand::ANGULAR_GAINS);
        let axes = operands.word(start + operand::AXES)? as u8;
        self.inner.pd.lin_kp = gains(linear)?;
        self.inner.lin_ki = gains(linear + 3)?;
        self.inner.pd.lin_kd = gains(linear + 6)?;
        self.inner.pd.ang_kp = gains(angular)?;
        self.inner.ang_ki = gains(angular + 3)?;
        self.inner.pd.ang_kd = gains(angular + 6)?;
        self.inner.set_axes(AxesMask::from_bits_truncate(axes));
        Ok(())
    }

    /// Does its part of a step. Nothing without a target, or if its body is gone.
    pub(crate) fn drive(&mut self, physics: &mut PhysicsWorld) {
        if let Some(target) = self.target {
            self.correct(physics, target);
        }
    }

    /// Changes the body's velocity towards a target.
    fn correct(&mut self, physics: &mut PhysicsWorld, target: Target) {
        let dt = physics.integration_parameters.dt;
        let Some(body) = physics.bodies.get_mut(self.body) else {
            return;
        };
        let is = |bit| target.flags & bit != 0;
        match (is(flag::LINEAR), is(flag::ANGULAR)) {
            (true, true) => {
                let pose = Pose::from_parts(target.position, target.rotation);
                let velocity = RigidBodyVelocity {
                    linvel: target.linear_velocity,
                    angvel: target.angular_velocity,
                };
                let change = self.inner.rigid_body_correction(dt, body, pose, velocity);
                body.set_linvel(body.linvel() + change.linvel, true);
                body.set_angvel(body.angvel() + change.angvel, true);
            }
            (true, false) => {
                let velocity = target.linear_velocity;
                let change =
                    self.inner
                        .linear_rigid_body_correction(dt, body, target.position, velocity);
                body.set_linvel(body.linvel() + change, true);
            }
            (false, true) => {
                let velocity = target.angular_velocity;
                let change =
                    self.inner
                        .angular_rigid_body_correction(dt, body, target.rotation, velocity);
                body.set_angvel(body.angvel() + change, true);
            }
            (false, false) => {}
        }
    }
}

/// Has a controller drive a body.
pub(crate) fn create(world: &mut World, operands: Operands<'_>) -> Result<(), Error> {
    let body = world.bodies.require(operands.handle(2)?, operands.at)?;
    let mut pid = Pid {
        inner: PidController::default(),
        body,
        target: None,
    };
    pid.set(operands, 4)?;
    let control = Control::Pid(Box::new(pid));
    world.add_control(operands.handle(0)?, control, operands)
}

/// Changes its gains and axes.
pub(crate) fn set(world: &mut World, operands: Operands<'_>) -> Result<(), Error> {
    world.pid(operands)?.set(operands, 2)
}

/// Says where its body shall be: from now on before each step, or once. Without flags: nowhere.
pub(crate) fn aim(world: &mut World, operands: Operands<'_>) -> Result<(), Error> {
    const START: u32 = 2;
    let aim = Target {
        flags: operands.word(START + target::FLAGS)?,
        position: operands.vector(START + target::POSITION)?,
        rotation: operands.rotation(START + target::ROTATION)?,
        linear_velocity: operands.vector(START + target::LINEAR_VELOCITY)?,
        angular_velocity: operands.vector(START + target::ANGULAR_VELOCITY)?,
    };
    let mut pid = world.pid(operands)?.clone();
    if aim.flags & flag::ONCE_ != 0 {
        pid.correct(&mut world.physics, aim);
    } else {
        let is_somewhere = aim.flags & (flag::LINEAR | flag::ANGULAR) != 0;
        pid.target = is_somewhere.then_some(aim);
    }
    *world.pid(operands)? = pid;
    Ok(())
}

/// Forgets what it has added up.
pub(crate) fn reset(world: &mut World, operands: Operands<'_>) -> Result<(), Error> {
    world.pid(operands)?.inner.reset_integrals();
    Ok(())
}
