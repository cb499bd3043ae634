//! Characters: bodies that walk. How far one gets is found before the step in which it goes there.

use rapier3d::control::{
    CharacterAutostep, CharacterCollision, CharacterLength, EffectiveCharacterMovement,
    KinematicCharacterController,
};
use rapier3d::geometry::{Collider, ColliderHandle, Group, InteractionGroups, InteractionTestMode};
use rapier3d::math::Vector;
use rapier3d::pipeline::{PhysicsWorld, QueryFilter, QueryFilterFlags};
use serde::{Deserialize, Serialize};

use crate::control::Control;
use crate::generated::controls_capnp::{
    character_collision_words as words, character_flag as flag, character_operand as operand,
};
use crate::list::List;
use crate::operands::Operands;
use crate::query::write_vectors;
use crate::{Error, World};

/// What a character ran into on its way.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Collision {
    collider: ColliderHandle,
    time: f32,
    /// The way until then, what was left of it, both points and both normals.
    vectors: [Vector; 6],
}

impl From<&CharacterCollision> for Collision {
    fn from(collision: &CharacterCollision) -> Self {
        let hit = &collision.hit;
        Self {
            collider: collision.handle,
            time: hit.time_of_impact,
            vectors: [
                collision.translation_applied,
                collision.translation_remaining,
                hit.witness1,
                hit.witness2,
                hit.normal1,
                hit.normal2,
            ],
        }
    }
}

/// How a collider walks, and what its latest move came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Character {
    collider: ColliderHandle,
    way: Way,
    pub(crate) movement: Vector,
    pub(crate) grounded: bool,
    pub(crate) sliding: bool,
    collisions: Vec<Collision>,
}

/// How it walks.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Way {
    controller: KinematicCharacterController,
    /// Whether it gives impulses to dynamic bodies.
    push: bool,
    mass: Option<f32>,
    filter: u32,
    groups: u32,
}

fn length(value: f32, is_relative: bool) -> CharacterLength {
    if is_relative {
        CharacterLength::Relative(value)
    } else {
        CharacterLength::Absolute(value)
    }
}

impl Way {
    /// Reads the operands from `start` on.
    fn read(operands: Operands<'_>, start: u32) -> Result<Self, Error> {
        let flags = operands.word(start + operand::FLAGS)?;
        let is = |bit| flags & bit != 0;
        let size = |index: u32, relative: u32| {
            let value = operands.size(start + index)?;
            Ok::<_, Error>(length(value, is(relative)))
        };
        let step = CharacterAutostep {
            max_height: size(operand::STEP_HEIGHT, flag::STEP_HEIGHT_RELATIVE)?,
            min_width: size(operand::STEP_WIDTH, flag::STEP_WIDTH_RELATIVE)?,
            include_dynamic_bodies: is(flag::STEP_ON_DYNAMIC),
        };
        let snap = size(operand::SNAP_DISTANCE, flag::SNAP_RELATIVE)?;
        let mass = operands.size(start + operand::MASS)?;
        Ok(Self {
            controller: KinematicCharacterController {
                up: operands.direction(start + operand::UP)?,
                offset: size(operand::OFFSET, flag::OFFSET_RELATIVE)?,
                slide: is(flag::SLIDE),
                autostep: is(flag::STEP).then_some(step),
                max_slope_climb_angle: operands.size(start + operand::CLIMB_ANGLE)?,
                min_slope_slide_angle: operands.size(start + operand::SLIDE_ANGLE)?,
                snap_to_ground: is(flag::SNAP).then_some(snap),
                normal_nudge_factor: operands.size(start + operand::NUDGE)?,
            },
            push: is(flag::PUSH),
            mass: is(flag::MASS_GIVEN).then_some(mass),
            filter: operands.word(start + operand::FILTER)?,
            groups: operands.word(start + operand::GROUPS)?,
        })
    }
}

/// What rapier's queries see with these flags and groups.
pub(crate) fn filter(flags: u32, groups: u32) -> QueryFilter<'static> {
    let (memberships, filter) = (groups >> 16, groups & 0xffff);
    QueryFilter {
        flags: QueryFilterFlags::from_bits_truncate(flags),
        groups: Some(InteractionGroups::new(
            Group::from_bits_retain(memberships),
            Group::from_bits_retain(filter),
            InteractionTestMode::And,
        )),
        ..QueryFilter::default()
    }
}

impl Character {
    /// Finds how far it gets, and pushes what it runs into. Nothing if its collider is gone.
    fn go(&mut self, physics: &mut PhysicsWorld, wanted: Vector) {
        self.collisions.clear();
        self.movement = Vector::ZERO;
        (self.grounded, self.sliding) = (false, false);
        let Some(collider) = physics.colliders.get(self.collider) else {
            return;
        };
        let (pose, shape) = (*collider.position(), collider.shared_shape().clone());
        let parent = collider.parent();
        // rapier has no contacts of voxels with half-spaces when it looks for the ground.
        let is_voxels = shape.as_voxels().is_some();
        let is_plane = shape.as_halfspace().is_some();
        let is_met = |_, other: &Collider| {
            let other = other.shape();
            let is_unmet = is_voxels && other.as_halfspace().is_some()
                || is_plane && other.as_voxels().is_some();
            !is_unmet
        };
        let filter = QueryFilter {
            predicate: (is_voxels || is_plane).then_some(&is_met),
            exclude_collider: Some(self.collider),
            exclude_rigid_body: parent,
            ..filter(self.way.filter, self.way.groups)
        };
        let body_mass = parent
            .and_then(|body| physics.bodies.get(body))
            .map_or(0.0, |body| body.mass());
        let dt = physics.integration_parameters.dt;
        let mut queries = physics.broad_phase.as_query_pipeline_mut(
            physics.narrow_phase.query_dispatcher(),
            &mut physics.bodies,
            &mut physics.colliders,
            filter,
        );
        let controller = &self.way.controller;
        let mut met: Vec<CharacterCollision> = Vec::new();
        let EffectiveCharacterMovement {
            translation,
            grounded,
            is_sliding_down_slope,
        } = controller.move_shape(dt, &queries.as_ref(), &*shape, &pose, wanted, |collision| {
            met.push(collision);
        });
        if self.way.push {
            let mass = self.way.mass.unwrap_or(body_mass);
            controller.solve_character_collision_impulses(dt, &mut queries, &*shape, mass, &met);
        }
        self.movement = translation;
        (self.grounded, self.sliding) = (grounded, is_sliding_down_slope);
        self.collisions.extend(met.iter().map(Collision::from));
    }

    pub(crate) fn collision_count(&self) -> usize {
        self.collisions.len()
    }

    /// Gives the movement to the body, for the next step; to the collider at once if it has none.
    fn take(&self, physics: &mut PhysicsWorld) {
        let Some(collider) = physics.colliders.get_mut(self.collider) else {
            return;
        };
        let Some(parent) = collider.parent() else {
            collider.set_translation(collider.translation() + self.movement);
            return;
        };
        if let Some(body) = physics.bodies.get_mut(parent) {
            body.set_next_kinematic_translation(body.translation() + self.movement);
        }
    }
}

/// Makes a collider walk.
pub(crate) fn create(world: &mut World, operands: Operands<'_>) -> Result<(), Error> {
    let collider = world.colliders.require(operands.handle(2)?, operands.at)?;
    let character = Character {
        collider,
        way: Way::read(operands, 4)?,
        movement: Vector::ZERO,
        grounded: false,
        sliding: false,
        collisions: Vec::new(),
    };
    let control = Control::Character(Box::new(character));
    world.add_control(operands.handle(0)?, control, operands)
}

/// Changes how it walks.
pub(crate) fn set(world: &mut World, operands: Operands<'_>) -> Result<(), Error> {
    let way = Way::read(operands, 2)?;
    world.character(operands)?.way = way;
    Ok(())
}

/// Moves it as far as it gets.
pub(crate) fn go(world: &mut World, operands: Operands<'_>) -> Result<(), Error> {
    let wanted = operands.vector(2)?;
    let is_taken = operands.word(5)? != 0;
    let mut character = world.character(operands)?.clone();
    character.go(&mut world.physics, wanted);
    if is_taken {
        character.take(&mut world.physics);
    }
    *world.character(operands)? = character;
    Ok(())
}

impl World {
    /// What a character ran into in its latest move.
    pub(crate) fn list_collisions(
        &self,
        operands: Operands<'_>,
        list: &mut List<'_>,
    ) -> Result<(), Error> {
        let control = self.controls.require(operands.handle(0)?, operands.at)?;
        let Control::Character(character) = control else {
            return Err(operands.bad(0));
        };
        for collision in &character.collisions {
            list.push(|record| {
                record[words::COLLIDER as usize] = self.slot_of(collision.collider);
                record[words::TIME as usize] = collision.time.to_bits();
                write_vectors(collision.vectors, &mut record[words::APPLIED as usize..]);
            });
        }
        Ok(())
    }
}
