//! Lines that show what rapier sees: shapes, joints, contacts.

use rapier3d::dynamics::RigidBodySet;
use rapier3d::math::Vector;
use rapier3d::pipeline::{
    DebugColor, DebugRenderBackend, DebugRenderMode, DebugRenderObject, DebugRenderPipeline,
    DebugRenderStyle, PhysicsWorld, QueryFilterFlags,
};

/// Numbers of a line's ends, and of their colours.
const END_WORDS: usize = 6;
const COLOR_WORDS: usize = 8;

/// Words of one line.
pub const LINE_WORDS: usize = END_WORDS + COLOR_WORDS;

/// Lines that are being written. Those without room are only counted.
struct Lines<'o> {
    ends: &'o mut [u32],
    colors: &'o mut [u32],
    count: usize,
    /// Whose colliders aren't shown.
    exclude: QueryFilterFlags,
    bodies: &'o RigidBodySet,
}

/// Red, green, blue and alpha of a hue in degrees, a saturation and a lightness.
fn rgba([hue, saturation, lightness, alpha]: DebugColor) -> [f32; 4] {
    let strength = saturation * lightness.min(1.0 - lightness);
    let channel = |offset: f32| {
        let turn = (offset + hue / 30.0) % 12.0;
        lightness - strength * (turn - 3.0).min(9.0 - turn).clamp(-1.0, 1.0)
    };
    [channel(0.0), channel(8.0), channel(4.0), alpha]
}

impl DebugRenderBackend for Lines<'_> {
    fn filter_object(&self, object: DebugRenderObject<'_>) -> bool {
        match object {
            DebugRenderObject::Collider(_, collider)
            | DebugRenderObject::ColliderAabb(_, collider, _) => {
                self.exclude.test(self.bodies, collider)
            }
            DebugRenderObject::ContactPair(_, first, second) => {
                self.exclude.test(self.bodies, first) && self.exclude.test(self.bodies, second)
            }
            _ => true,
        }
    }

    fn draw_line(&mut self, _: DebugRenderObject<'_>, a: Vector, b: Vector, color: DebugColor) {
        let index = self.count;
        self.count += 1;
        let ends = self
            .ends
            .get_mut(index * END_WORDS..(index + 1) * END_WORDS);
        let colors = self
            .colors
            .get_mut(index * COLOR_WORDS..(index + 1) * COLOR_WORDS);
        let (Some(ends), Some(colors)) = (ends, colors) else {
            return;
        };
        for (words, end) in ends.chunks_exact_mut(3).zip([a, b]) {
            words.copy_from_slice(&end.to_array().map(f32::to_bits));
        }
        let color = rgba(color).map(f32::to_bits);
        for words in colors.chunks_exact_mut(4) {
            words.copy_from_slice(&color);
        }
    }
}

/// Writes the lines of what `modes` (rapier's `DebugRenderMode`) names, without the colliders that `exclude` (its
/// `QueryFilterFlags`) does: how many there are, then the ends of as many
/// as there is room for, then their colours. Says how many there are.
pub fn debug_lines(physics: &PhysicsWorld, modes: u32, exclude: u32, output: &mut [u32]) -> u32 {
    let modes = DebugRenderMode::from_bits_truncate(modes);
    let mut pipeline = DebugRenderPipeline::new(DebugRenderStyle::default(), modes);
    let (head, lines) = match output.split_first_mut() {
        Some((head, lines)) => (Some(head), lines),
        None => (None, &mut [][..]),
    };
    let room = lines.len() / LINE_WORDS;
    let (ends, colors) = lines.split_at_mut(room * END_WORDS);
    let mut lines = Lines {
        ends,
        colors,
        count: 0,
        exclude: QueryFilterFlags::from_bits_truncate(exclude),
        bodies: &physics.bodies,
    };
    physics.debug_render(&mut pipeline, &mut lines);
    let count = lines.count as u32;
    if let Some(head) = head {
        *head = count;
    }
    count
}
