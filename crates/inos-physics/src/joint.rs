//! Joints: creating, removing and changing them by command.

use rapier3d::dynamics::{
    FixedJointBuilder, GenericJoint, GenericJointBuilder, ImpulseJointHandle, JointAxesMask,
    JointAxis, JointEnabled, MotorModel, MultibodyJointHandle, PrismaticJointBuilder,
    RevoluteJointBuilder, RigidBody, RigidBodyHandle, RigidBodySet, RopeJointBuilder,
    SphericalJointBuilder, SpringJointBuilder,
};
use rapier3d::pipeline::PhysicsWorld;
use serde::{Deserialize, Serialize};

use crate::generated::physics_capnp::{
    joint_flag as flag, joint_kind as kind, joint_operand as operand, joint_property as property,
};
use crate::operands::Operands;
use crate::{Error, World};

/// The six axes, in the order of their bits.
const AXES: [JointAxis; 6] = [
    JointAxis::LinX,
    JointAxis::LinY,
    JointAxis::LinZ,
    JointAxis::AngX,
    JointAxis::AngY,
    JointAxis::AngZ,
];

/// Rapier's handle: joints between free bodies, and joints of a multibody in reduced coordinates.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum Inner {
    Impulse(ImpulseJointHandle),
    Reduced(MultibodyJointHandle),
}

/// A joint and the slots of its bodies.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Joint {
    inner: Inner,
    bodies: [u32; 2],
}

impl Joint {
    pub(crate) fn is_on(&self, body: u32) -> bool {
        self.bodies.contains(&body)
    }

    pub(crate) fn is_reduced(&self) -> bool {
        matches!(self.inner, Inner::Reduced(_))
    }

    /// What rapier keeps of it.
    pub(crate) fn data<'p>(&self, physics: &'p PhysicsWorld) -> Option<&'p GenericJoint> {
        match self.inner {
            Inner::Impulse(inner) => Some(&physics.impulse_joints.get(inner)?.data),
            Inner::Reduced(inner) => {
                let (multibody, id) = physics.multibody_joints.get(inner)?;
                Some(&multibody.link(id)?.joint.data)
            }
        }
    }

    /// The impulses of its axes in the latest step; joints in reduced coordinates have none.
    pub(crate) fn impulses(&self, physics: &PhysicsWorld) -> [f32; 6] {
        match self.inner {
            Inner::Impulse(inner) => physics
                .impulse_joints
                .get(inner)
                .map_or([0.0; 6], |joint| joint.impulses),
            Inner::Reduced(_) => [0.0; 6],
        }
    }

    /// Whether rapier has it.
    pub(crate) fn is_in(&self, physics: &PhysicsWorld) -> bool {
        match self.inner {
            Inner::Impulse(inner) => physics.impulse_joints.contains(inner),
            Inner::Reduced(inner) => physics.multibody_joints.get(inner).is_some(),
        }
    }
}

fn build(operands: Operands<'_>) -> Result<GenericJoint, Error> {
    let first = operands.vector(operand::FIRST_ANCHOR)?;
    let second = operands.vector(operand::SECOND_ANCHOR)?;
    let axis = || operands.direction(operand::AXIS);
    Ok(match operands.word(operand::KIND)? {
        kind::FIXED => FixedJointBuilder::new()
            .local_frame1(operands.pose(operand::FIRST_ANCHOR, operand::FIRST_ROTATION)?)
            .local_frame2(operands.pose(operand::SECOND_ANCHOR, operand::SECOND_ROTATION)?)
            .into(),
        kind::SPHERICAL => SphericalJointBuilder::new()
            .local_anchor1(first)
            .local_anchor2(second)
            .into(),
        kind::REVOLUTE => RevoluteJointBuilder::new(axis()?)
            .local_anchor1(first)
            .local_anchor2(second)
            .into(),
        kind::PRISMATIC => PrismaticJointBuilder::new(axis()?)
            .local_anchor1(first)
            .local_anchor2(second)
            .into(),
        kind::ROPE => RopeJointBuilder::new(operands.positive(operand::LENGTH)?)
            .local_anchor1(first)
            .local_anchor2(second)
            .into(),
        kind::SPRING => SpringJointBuilder::new(
            operands.size(operand::LENGTH)?,
            operands.size(operand::STIFFNESS)?,
            operands.size(operand::DAMPING)?,
        )
        .local_anchor1(first)
        .local_anchor2(second)
        .into(),
        kind::GENERIC => {
            let locked = operands.word(operand::LOCKED_AXES)? as u8;
            GenericJointBuilder::new(JointAxesMask::from_bits_truncate(locked))
                .local_anchor1(first)
                .local_anchor2(second)
                .local_axis1(axis()?)
                .local_axis2(axis()?)
                .into()
        }
        _ => return Err(operands.bad(operand::KIND)),
    })
}

/// Has a joint rest that rapier would have nobody to move for, and panic: one body is disabled, and the other too or fixed.
/// Rapier itself does so when a body is disabled that has joints, and takes up a joint that rests when one of its
/// bodies is enabled.
fn rest_with(bodies: &RigidBodySet, joined: [RigidBodyHandle; 2], joint: &mut GenericJoint) {
    let [one, other] = joined.map(|handle| bodies.get(handle));
    let (Some(one), Some(other)) = (one, other) else {
        return;
    };
    let is_still = |body: &RigidBody| !body.is_enabled() || body.is_fixed();
    let is_disabled = !one.is_enabled() || !other.is_enabled();
    if joint.is_enabled() && is_disabled && is_still(one) && is_still(other) {
        joint.enabled = JointEnabled::DisabledByAttachedBody;
    }
}

/// As [`rest_with`], for the joints of a body that may have become fixed.
pub(crate) fn rest_on(world: &mut World, body: RigidBodyHandle) {
    let PhysicsWorld {
        bodies,
        impulse_joints,
        ..
    } = &mut world.physics;
    if bodies.get(body).is_some_and(RigidBody::is_fixed) {
        impulse_joints.map_attached_joints_mut(body, |one, other, _, joint| {
            rest_with(bodies, [one, other], &mut joint.data);
        });
    }
}

pub(crate) fn create(world: &mut World, operands: Operands<'_>) -> Result<(), Error> {
    world.unstepped = true;
    let handle = operands.handle(operand::SLOT)?;
    let [first, second] = [
        operands.handle(operand::FIRST)?,
        operands.handle(operand::SECOND)?,
    ];
    if !world.joints.is_free(handle) || first.slot == second.slot {
        return Err(operands.bad(operand::SLOT));
    }
    let one = world.bodies.require(first, operands.at)?;
    let other = world.bodies.require(second, operands.at)?;
    let flags = operands.word(operand::FLAGS)?;
    let mut joint = build(operands)?;
    joint.set_contacts_enabled(flags & flag::CONTACTS_ENABLED != 0);
    joint.user_data = u128::from(handle.slot);
    let wake = flags & flag::WAKE != 0;
    let inner = if flags & flag::REDUCED == 0 {
        rest_with(&world.physics.bodies, [one, other], &mut joint);
        Inner::Impulse(world.physics.impulse_joints.insert(one, other, joint, wake))
    } else {
        // Rapier has none that turns about two axes: it would stop with the next step.
        let locked_turns = joint.locked_axes & JointAxesMask::ANG_AXES;
        if locked_turns.bits().count_ones() == 1 {
            return Err(operands.bad(operand::LOCKED_AXES));
        }
        // Rapier would stop at one that follows and isn't moved by forces.
        let follows = world.physics.bodies.get(other);
        if !follows.is_some_and(RigidBody::is_dynamic) {
            return Err(operands.bad(operand::SECOND));
        }
        let joints = &mut world.physics.multibody_joints;
        // A body can follow one other, and no ring of them.
        let inserted = joints.insert(one, other, joint, wake);
        Inner::Reduced(inserted.ok_or(operands.bad(operand::SECOND))?)
    };
    let bodies = [first.slot, second.slot];
    if world.joints.insert(handle, Joint { inner, bodies }) {
        return Ok(());
    }
    Err(operands.bad(operand::SLOT))
}

pub(crate) fn remove(world: &mut World, operands: Operands<'_>) -> Result<(), Error> {
    world.unstepped = true;
    let handle = operands.handle(0)?;
    let joint = world.joints.require(handle, operands.at)?;
    let wake = operands.word(2)? != 0;
    match joint.inner {
        Inner::Impulse(inner) => {
            world.physics.impulse_joints.remove(inner, wake);
        }
        Inner::Reduced(inner) => world.physics.multibody_joints.remove(inner, wake),
    }
    world.joints.remove(handle.slot);
    Ok(())
}

/// Changes one property of a joint. Wakes what it joins.
pub(crate) fn set(world: &mut World, operands: Operands<'_>) -> Result<(), Error> {
    world.unstepped = true;
    let joint = world.joints.require(operands.handle(0)?, operands.at)?;
    let selector = operands.word(2)?;
    let axis = *AXES.get((selector >> 8) as usize).ok_or(operands.bad(2))?;
    let gone = operands.bad(0);
    match joint.inner {
        Inner::Impulse(inner) => {
            let joint = world.physics.impulse_joints.get_mut(inner, true);
            let joint = joint.ok_or(gone)?;
            change(&mut joint.data, selector & 0xff, axis, operands)?;
            let bodies = [joint.body1(), joint.body2()];
            rest_with(&world.physics.bodies, bodies, &mut joint.data);
            Ok(())
        }
        Inner::Reduced(inner) => {
            let found = world.physics.multibody_joints.get_mut(inner);
            let (multibody, id) = found.ok_or(gone)?;
            let link = multibody.link_mut(id).ok_or(gone)?;
            change(&mut link.joint.data, selector & 0xff, axis, operands)
        }
    }
}

fn change(
    joint: &mut GenericJoint,
    which: u32,
    axis: JointAxis,
    operands: Operands<'_>,
) -> Result<(), Error> {
    const VALUE: u32 = 3;
    let number = |index| operands.number(VALUE + index);
    let switch = || operands.word(VALUE).map(|word| word != 0);
    match which {
        property::LIMITS => {
            let limits = [number(0)?, number(1)?];
            if limits[0] > limits[1] {
                return Err(operands.bad(VALUE + 1));
            }
            joint.set_limits(axis, limits);
        }
        property::MOTOR_MODEL => {
            let is_force = switch()?;
            let model = if is_force {
                MotorModel::ForceBased
            } else {
                MotorModel::AccelerationBased
            };
            joint.set_motor_model(axis, model);
        }
        property::MOTOR => {
            let (stiffness, damping) = (operands.size(VALUE + 2)?, operands.size(VALUE + 3)?);
            joint.set_motor(axis, number(0)?, number(1)?, stiffness, damping);
        }
        property::MOTOR_MAXIMUM_FORCE => {
            joint.set_motor_max_force(axis, operands.size(VALUE)?);
        }
        property::CONTACTS_ENABLED => {
            joint.set_contacts_enabled(switch()?);
        }
        property::ENABLED => joint.set_enabled(switch()?),
        property::FIRST_ANCHOR => {
            joint.set_local_anchor1(operands.vector(VALUE)?);
        }
        property::SECOND_ANCHOR => {
            joint.set_local_anchor2(operands.vector(VALUE)?);
        }
        property::FIRST_FRAME => joint.local_frame1.rotation = operands.rotation(VALUE)?,
        property::SECOND_FRAME => joint.local_frame2.rotation = operands.rotation(VALUE)?,
        property::FREE_LIMITS => joint.limit_axes.remove(axis.into()),
        property::FREE_MOTOR => joint.motor_axes.remove(axis.into()),
        _ => return Err(operands.bad(2)),
    }
    Ok(())
}
