//! What can be read of a joint.

use rapier3d::dynamics::MotorModel;

use super::{MOST_WORDS, Value};
use crate::generated::answers_capnp::read_joint as property;
use crate::operands::Operands;
use crate::{Error, World};

/// One property of a joint; `None` if there is no such.
pub(super) fn property(
    world: &World,
    thing: Operands<'_>,
    which: u32,
) -> Result<Option<Value>, Error> {
    let joint = world.joints.require(thing.handle(0)?, thing.at)?;
    let data = joint.data(&world.physics).ok_or(thing.bad(0))?;
    Ok(Some(match which {
        property::KIND => Value::switch(joint.is_reduced()),
        property::ENABLED => Value::switch(data.is_enabled()),
        property::CONTACTS_ENABLED => Value::switch(data.contacts_enabled),
        property::ANCHOR1 => Value::vector(data.local_frame1.translation),
        property::ANCHOR2 => Value::vector(data.local_frame2.translation),
        property::FRAME1 => Value::rotation(data.local_frame1.rotation),
        property::FRAME2 => Value::rotation(data.local_frame2.rotation),
        property::LOCKED_AXES => Value::word(u32::from(data.locked_axes.bits())),
        property::LIMITED_AXES => Value::word(u32::from(data.limit_axes.bits())),
        property::MOTOR_AXES => Value::word(u32::from(data.motor_axes.bits())),
        property::LIMITS => {
            let mut numbers = [0.0; 12];
            for (limits, target) in data.limits.iter().zip(numbers.chunks_exact_mut(2)) {
                target.copy_from_slice(&[limits.min, limits.max]);
            }
            Value::numbers(numbers)
        }
        property::MOTORS => {
            let mut numbers = [0.0; MOST_WORDS];
            for (motor, target) in data.motors.iter().zip(numbers.chunks_exact_mut(6)) {
                target.copy_from_slice(&[
                    motor.target_pos,
                    motor.target_vel,
                    motor.stiffness,
                    motor.damping,
                    motor.max_force,
                    f32::from(u8::from(motor.model == MotorModel::ForceBased)),
                ]);
            }
            Value::numbers(numbers)
        }
        property::IMPULSES => Value::numbers(joint.impulses(&world.physics)),
        _ => return Ok(None),
    }))
}
