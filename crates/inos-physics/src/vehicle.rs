//! Vehicles: a chassis on wheels that are rays. They do their part before each step.

use rapier3d::control::{DynamicRayCastVehicleController, Wheel, WheelTuning};
use rapier3d::pipeline::{PhysicsWorld, QueryFilter};
use serde::{Deserialize, Serialize};

use crate::character::filter;
use crate::control::Control;
use crate::generated::controls_capnp::{
    vehicle_operand as operand, wheel_operand, wheel_property as property,
};
use crate::operands::Operands;
use crate::{Error, World};

/// A vehicle, and what its wheels see.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Vehicle {
    pub(crate) inner: DynamicRayCastVehicleController,
    filter: u32,
    groups: u32,
    enabled: bool,
}

impl Vehicle {
    /// Reads the operands from `start` on.
    fn set(&mut self, operands: Operands<'_>, start: u32) -> Result<(), Error> {
        let axis = |index: u32| {
            let axis = operands.word(start + index)?;
            (axis < 3)
                .then_some(axis as usize)
                .ok_or(operands.bad(start + index))
        };
        self.inner.index_up_axis = axis(operand::UP_AXIS)?;
        self.inner.index_forward_axis = axis(operand::FORWARD_AXIS)?;
        self.filter = operands.word(start + operand::FILTER)?;
        self.groups = operands.word(start + operand::GROUPS)?;
        self.enabled = operands.word(start + operand::ENABLED)? != 0;
        Ok(())
    }

    /// Does its part of a step. Nothing if its chassis is gone.
    pub(crate) fn drive(&mut self, physics: &mut PhysicsWorld) {
        let chassis = self.inner.chassis;
        if !self.enabled || !physics.bodies.contains(chassis) {
            return;
        }
        let filter = QueryFilter {
            exclude_rigid_body: Some(chassis),
            ..filter(self.filter, self.groups)
        };
        let dt = physics.integration_parameters.dt;
        let queries = physics.broad_phase.as_query_pipeline_mut(
            physics.narrow_phase.query_dispatcher(),
            &mut physics.bodies,
            &mut physics.colliders,
            filter,
        );
        self.inner.update_vehicle(dt, queries);
    }
}

/// Makes a body the chassis of a vehicle.
pub(crate) fn create(world: &mut World, operands: Operands<'_>) -> Result<(), Error> {
    let chassis = world.bodies.require(operands.handle(2)?, operands.at)?;
    let mut vehicle = Vehicle {
        inner: DynamicRayCastVehicleController::new(chassis),
        filter: 0,
        groups: u32::MAX,
        enabled: true,
    };
    vehicle.set(operands, 4)?;
    let control = Control::Vehicle(Box::new(vehicle));
    world.add_control(operands.handle(0)?, control, operands)
}

/// Changes a vehicle.
pub(crate) fn set(world: &mut World, operands: Operands<'_>) -> Result<(), Error> {
    world.vehicle(operands)?.set(operands, 2)
}

/// Adds a wheel to a vehicle.
pub(crate) fn add_wheel(world: &mut World, operands: Operands<'_>) -> Result<(), Error> {
    const START: u32 = 2;
    let connection = operands.vector(START + wheel_operand::CONNECTION)?;
    let direction = operands.direction(START + wheel_operand::DIRECTION)?;
    let axle = operands.direction(START + wheel_operand::AXLE)?;
    let rest = operands.size(START + wheel_operand::REST_LENGTH)?;
    let radius = operands.positive(START + wheel_operand::RADIUS)?;
    let vehicle = &mut world.vehicle(operands)?.inner;
    vehicle.add_wheel(
        connection,
        direction,
        axle,
        rest,
        radius,
        &WheelTuning::default(),
    );
    Ok(())
}

/// Changes one property of a wheel.
pub(crate) fn set_wheel(world: &mut World, operands: Operands<'_>) -> Result<(), Error> {
    let index = operands.word(2)? as usize;
    let wheels = world.vehicle(operands)?.inner.wheels_mut();
    let wheel = wheels.get_mut(index).ok_or(operands.bad(2))?;
    change(wheel, operands)
}

fn change(wheel: &mut Wheel, operands: Operands<'_>) -> Result<(), Error> {
    const VALUE: u32 = 4;
    let size = || operands.size(VALUE);
    match operands.word(3)? {
        property::CONNECTION => wheel.chassis_connection_point_cs = operands.vector(VALUE)?,
        property::DIRECTION => wheel.direction_cs = operands.direction(VALUE)?,
        property::AXLE => wheel.axle_cs = operands.direction(VALUE)?,
        property::REST_LENGTH => wheel.suspension_rest_length = size()?,
        property::RADIUS => wheel.radius = operands.positive(VALUE)?,
        property::MAXIMUM_TRAVEL => wheel.max_suspension_travel = size()?,
        property::STIFFNESS => wheel.suspension_stiffness = size()?,
        property::COMPRESSION => wheel.damping_compression = size()?,
        property::RELAXATION => wheel.damping_relaxation = size()?,
        property::MAXIMUM_FORCE => wheel.max_suspension_force = size()?,
        property::BRAKE => wheel.brake = size()?,
        property::STEERING => wheel.steering = operands.number(VALUE)?,
        property::ENGINE_FORCE => wheel.engine_force = operands.number(VALUE)?,
        property::FRICTION_SLIP => wheel.friction_slip = size()?,
        property::SIDE_FRICTION => wheel.side_friction_stiffness = size()?,
        _ => return Err(operands.bad(3)),
    }
    Ok(())
}
