//! Commands, shapes and soft bodies made of a fuzzer's bytes. Whatever they say, they are applied or refused.

use arbitrary::Unstructured;
use inos_physics::generated::controls_capnp::soft_data;
use inos_physics::generated::physics_capnp::{
    body_flag, body_operand, collider_operand, command, joint_operand, shape_data,
};
use inos_physics::{Error, Handle, World, WorldOptions};

const CAPACITY: u32 = 16;
/// One more than the highest opcode.
const OPCODES: u8 = command::SET_SOFT_BODY as u8 + 1;
const LENGTH_SHIFT: u32 = 8;
const MOST_STEPS: u32 = 3;

/// Operands of the commands that make things, with room for all that those which set properties have.
const LENGTHS: [(u32, usize); 8] = [
    (command::CREATE_BODY, 24),
    (command::CREATE_COLLIDER, 33),
    (command::CREATE_JOINT, 29),
    (command::CREATE_CHARACTER, 24),
    (command::CREATE_VEHICLE, 9),
    (command::ADD_WHEEL, 13),
    (command::CREATE_PID, 23),
    (command::SET_SOFT_BODY, 28),
];
const USUAL_LENGTH: usize = 8;

fn begin(opcode: u32, length: u32) -> Vec<u32> {
    let mut words = vec![0; length as usize + 1];
    words[0] = opcode | (length + 1) << LENGTH_SHIFT;
    words
}

const ONE: u32 = 1.0_f32.to_bits();

/// A dynamic body in a slot, beside that of the slot before.
fn body(slot: u32) -> Vec<u32> {
    let mut words = begin(command::CREATE_BODY, body_operand::COUNT);
    let operands = &mut words[1..];
    operands[body_operand::SLOT as usize] = slot;
    operands[body_operand::FLAGS as usize] = body_flag::ENABLED | body_flag::CAN_SLEEP;
    operands[body_operand::POSITION as usize] = (slot as f32 * 0.7).to_bits();
    operands[body_operand::ROTATION as usize + 3] = ONE;
    operands[body_operand::GRAVITY_SCALE as usize] = ONE;
    words
}

/// A ball in a slot, on a body.
fn collider(slot: u32, body: u32) -> Vec<u32> {
    let mut words = begin(command::CREATE_COLLIDER, collider_operand::COUNT);
    let operands = &mut words[1..];
    operands[collider_operand::SLOT as usize] = slot;
    operands[collider_operand::BODY as usize] = body;
    operands[collider_operand::SIZE as usize] = 0.5_f32.to_bits();
    operands[collider_operand::FLAGS as usize] = 1;
    operands[collider_operand::ROTATION as usize + 3] = ONE;
    operands[collider_operand::MASS as usize] = ONE;
    operands[collider_operand::COLLISION_GROUPS as usize] = u32::MAX;
    operands[collider_operand::SOLVER_GROUPS as usize] = u32::MAX;
    operands[collider_operand::ACTIVE_COLLISION_TYPES as usize] = 15;
    words
}

/// A fixed joint in a slot, between two bodies.
fn joint(slot: u32, first: u32, second: u32) -> Vec<u32> {
    let mut words = begin(command::CREATE_JOINT, joint_operand::COUNT);
    let operands = &mut words[1..];
    operands[joint_operand::SLOT as usize] = slot;
    operands[joint_operand::FIRST as usize] = first;
    operands[joint_operand::SECOND as usize] = second;
    operands[joint_operand::FIRST_ROTATION as usize + 3] = ONE;
    operands[joint_operand::SECOND_ROTATION as usize + 3] = ONE;
    operands[joint_operand::AXIS as usize] = ONE;
    words
}

/// A world of a few bodies, two of which are joined.
fn furnished() -> World {
    let mut world = World::new(&WorldOptions {
        capacity: CAPACITY,
        ..WorldOptions::default()
    });
    for slot in 0..3 {
        world.apply(&body(slot)).unwrap();
        world.apply(&collider(slot, slot)).unwrap();
    }
    world.apply(&joint(0, 0, 1)).unwrap();
    world
}

struct Input<'a> {
    bytes: Unstructured<'a>,
    /// Whether numbers are such as games have. rapier itself panics at others, with sizes such as 1e19: then the
    /// world isn't stepped.
    is_tame: bool,
}

impl Input<'_> {
    fn byte(&mut self) -> u8 {
        self.bytes.arbitrary().unwrap_or_default()
    }

    /// A word: a slot or a kind, a number, a rotation's, or anything.
    fn word(&mut self) -> u32 {
        let small = f32::from(self.byte() as i8) / 8.0;
        match self.byte() % 8 {
            0 | 1 => u32::from(self.byte() % 4),
            2 => 0,
            3 => 1.0_f32.to_bits(),
            4 => u32::from(self.byte()),
            5 | 6 => small.to_bits(),
            _ if self.is_tame => u32::MAX,
            _ => self.bytes.arbitrary().unwrap_or_default(),
        }
    }

    fn words(&mut self, count: usize) -> Vec<u32> {
        (0..count).map(|_| self.word()).collect()
    }

    /// A command that makes something, but for some words.
    fn almost_usual(&mut self) -> Vec<u32> {
        let slot = u32::from(self.byte() % 6);
        let mut words = match self.byte() % 3 {
            0 => body(slot),
            1 => collider(slot, u32::from(self.byte() % 4)),
            _ => joint(slot, u32::from(self.byte() % 4), u32::from(self.byte() % 4)),
        };
        for _ in 0..self.byte() % 4 {
            let at = 1 + usize::from(self.byte()) % (words.len() - 1);
            words[at] = self.word();
        }
        words
    }

    /// A command of a length that is usually its own.
    fn command(&mut self) -> Vec<u32> {
        if self.byte().is_multiple_of(3) {
            return self.almost_usual();
        }
        let opcode = u32::from(self.byte() % OPCODES);
        let known = LENGTHS.iter().find(|(known, _)| *known == opcode);
        let mut length = known.map_or(USUAL_LENGTH, |(_, length)| *length);
        if self.byte() == 0 {
            length = usize::from(self.byte() % 40);
        }
        let mut words = vec![opcode | (length as u32 + 1) << LENGTH_SHIFT];
        words.extend(self.words(length));
        words
    }

    fn handle(&mut self) -> Handle {
        Handle {
            slot: u32::from(self.byte() % 4),
            generation: u32::from(self.byte() % 2),
        }
    }

    /// A head whose lengths are mostly those of what follows, and that.
    fn data(&mut self, head: u32, kinds: u8, lengths: &[u32]) -> Vec<u32> {
        let mut words = self.words(head as usize);
        words[0] = u32::from(self.byte() % kinds);
        for &length in lengths {
            let count = u32::from(self.byte() % 13);
            words[length as usize] = count;
            words.extend(self.words(count as usize));
        }
        words
    }
}

/// What is left of a world that took or refused something: it is whole, and its bytes make it again.
fn require_whole(world: &World) {
    assert!(world.body_count() <= CAPACITY);
    let digest = world.digest();
    match world.snapshot(&[], &[]) {
        Ok(bytes) => {
            let (restored, _) = World::restore(&bytes).expect("what was written can be read");
            assert_eq!(restored.digest(), digest);
        }
        Err(error) => assert_eq!(error, Error::Unstepped),
    }
}

/// Commands, shapes and soft bodies are made or refused, one after another; steps come between.
pub fn commands(data: &[u8]) {
    let mut input = Input {
        bytes: Unstructured::new(data),
        is_tame: false,
    };
    input.is_tame = input.byte().is_multiple_of(2);
    let mut world = furnished();
    let mut steps = 0;
    while !input.bytes.is_empty() {
        match input.byte() % 8 {
            0 => {
                let data = input.data(
                    shape_data::HEAD,
                    24,
                    &[shape_data::FIRST, shape_data::SECOND],
                );
                let _ = world.create_shape(input.handle(), &data);
            }
            1 => {
                let lengths = [
                    soft_data::FIRST,
                    soft_data::SECOND,
                    soft_data::THIRD,
                    soft_data::FOURTH,
                ];
                let data = input.data(soft_data::HEAD, 9, &lengths);
                let _ = world.create_soft_body(input.handle(), &data);
            }
            2 if input.is_tame && steps < MOST_STEPS => {
                world.step();
                steps += 1;
            }
            _ => {
                let stream = input.command();
                let _ = world.apply(&stream);
            }
        }
    }
    require_whole(&world);
}
