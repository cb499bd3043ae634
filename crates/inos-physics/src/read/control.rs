//! What can be read of what drives bodies (characters, vehicles and their wheels, PID controllers) and of soft
//! bodies.

use rapier3d::control::Wheel;
use rapier3d::dynamics::SoftBody;
use rapier3d::math::Vector;

use super::Value;
use crate::character::Character;
use crate::control::Control;
use crate::generated::answers_capnp::{
    read_character, read_pid, read_soft_body, read_subject as subject, read_vehicle, read_wheel,
};
use crate::generated::controls_capnp::wheel_property;
use crate::generated::physics_capnp::physics_limits;
use crate::operands::Operands;
use crate::pid::Pid;
use crate::vehicle::Vehicle;
use crate::{Error, World};

/// One property; `None` if there is no such.
pub(super) fn property(
    world: &World,
    which: u32,
    thing: Operands<'_>,
    property: u32,
) -> Result<Option<Value>, Error> {
    if which == subject::SOFT_BODY {
        return Ok(soft_value(world.soft_body(thing)?, property));
    }
    let control = world.controls.require(thing.handle(0)?, thing.at)?;
    Ok(match (which, &control) {
        (subject::CHARACTER, Control::Character(character)) => character_value(character, property),
        (subject::VEHICLE, Control::Vehicle(vehicle)) => vehicle_value(world, vehicle, property),
        (subject::WHEEL, Control::Vehicle(vehicle)) => {
            let wheels = vehicle.inner.wheels();
            let wheel = wheels.get(thing.word(2)? as usize).ok_or(thing.bad(2))?;
            wheel_setting(wheel, property).or_else(|| wheel_state(world, wheel, property))
        }
        (subject::PID, Control::Pid(pid)) => pid_value(pid, property),
        _ => return Err(thing.bad(0)),
    })
}

fn character_value(character: &Character, which: u32) -> Option<Value> {
    Some(match which {
        read_character::MOVEMENT => Value::vector(character.movement),
        read_character::GROUNDED => Value::switch(character.grounded),
        read_character::SLIDING => Value::switch(character.sliding),
        read_character::COLLISIONS => Value::count(character.collision_count()),
        _ => return None,
    })
}

fn vehicle_value(world: &World, vehicle: &Vehicle, which: u32) -> Option<Value> {
    let inner = &vehicle.inner;
    Some(match which {
        read_vehicle::SPEED => Value::number(inner.current_vehicle_speed),
        read_vehicle::WHEELS => Value::count(inner.wheels().len()),
        read_vehicle::UP_AXIS => Value::count(inner.index_up_axis),
        read_vehicle::FORWARD_AXIS => Value::count(inner.index_forward_axis),
        read_vehicle::CHASSIS => {
            let body = world.physics.bodies.get(inner.chassis);
            Value::word(body.map_or(physics_limits::NONE, |body| body.user_data as u32))
        }
        _ => return None,
    })
}

/// What its user set.
fn wheel_setting(wheel: &Wheel, which: u32) -> Option<Value> {
    Some(match which {
        wheel_property::CONNECTION => Value::vector(wheel.chassis_connection_point_cs),
        wheel_property::DIRECTION => Value::vector(wheel.direction_cs),
        wheel_property::AXLE => Value::vector(wheel.axle_cs),
        wheel_property::REST_LENGTH => Value::number(wheel.suspension_rest_length),
        wheel_property::RADIUS => Value::number(wheel.radius),
        wheel_property::MAXIMUM_TRAVEL => Value::number(wheel.max_suspension_travel),
        wheel_property::STIFFNESS => Value::number(wheel.suspension_stiffness),
        wheel_property::COMPRESSION => Value::number(wheel.damping_compression),
        wheel_property::RELAXATION => Value::number(wheel.damping_relaxation),
        wheel_property::MAXIMUM_FORCE => Value::number(wheel.max_suspension_force),
        wheel_property::BRAKE => Value::number(wheel.brake),
        wheel_property::STEERING => Value::number(wheel.steering),
        wheel_property::ENGINE_FORCE => Value::number(wheel.engine_force),
        wheel_property::FRICTION_SLIP => Value::number(wheel.friction_slip),
        wheel_property::SIDE_FRICTION => Value::number(wheel.side_friction_stiffness),
        _ => return None,
    })
}

/// How it did in the latest step.
fn wheel_state(world: &World, wheel: &Wheel, which: u32) -> Option<Value> {
    let ray = wheel.raycast_info();
    let vector = |vector: Vector| Value::vector(vector);
    Some(match which {
        read_wheel::ROTATION => Value::number(wheel.rotation),
        read_wheel::FORWARD_IMPULSE => Value::number(wheel.forward_impulse),
        read_wheel::SIDE_IMPULSE => Value::number(wheel.side_impulse),
        read_wheel::SUSPENSION_FORCE => Value::number(wheel.wheel_suspension_force),
        read_wheel::IN_CONTACT => Value::switch(ray.is_in_contact),
        read_wheel::CONTACT_NORMAL => vector(ray.contact_normal_ws),
        read_wheel::CONTACT_POINT => vector(ray.contact_point_ws),
        read_wheel::SUSPENSION_LENGTH => Value::number(ray.suspension_length),
        read_wheel::HARD_POINT => vector(ray.hard_point_ws),
        read_wheel::GROUND => {
            let ground = ray.ground_object;
            Value::word(ground.map_or(physics_limits::NONE, |handle| world.slot_of(handle)))
        }
        read_wheel::CENTER => vector(wheel.center()),
        _ => return None,
    })
}

fn soft_value(body: &SoftBody, which: u32) -> Option<Value> {
    Some(match which {
        read_soft_body::PARTICLES => Value::count(body.num_particles()),
        read_soft_body::MASS => Value::number(body.mass()),
        read_soft_body::CENTER_OF_MASS => Value::vector(body.center_of_mass()),
        read_soft_body::VOLUME => Value::number(body.volume()),
        read_soft_body::REST_VOLUME => Value::number(body.rest_volume()),
        read_soft_body::SLEEPING => Value::switch(body.is_sleeping()),
        read_soft_body::ENABLED => Value::switch(body.is_enabled()),
        read_soft_body::TOPOLOGY => Value::word(body.topology_version()),
        read_soft_body::PARTICLE_RADIUS => Value::number(body.particle_radius()),
        read_soft_body::VOLUME_FACTOR => Value::number(body.volume_factor()),
        _ => return None,
    })
}

fn pid_value(pid: &Pid, which: u32) -> Option<Value> {
    Some(match which {
        read_pid::LINEAR_INTEGRAL => Value::vector(pid.inner.lin_integral),
        read_pid::ANGULAR_INTEGRAL => Value::vector(pid.inner.ang_integral),
        _ => return None,
    })
}
