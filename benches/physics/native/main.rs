//! Steps a scene of the physics bench natively, as asked on standard input: the same rapier with the same features,
//! for the processor that every x86-64 is, so without fused multiply-add.
//!
//! `inos-physics-native SCENE.json` answers each line: `step N` with the milliseconds that N steps took,
//! `poses` with seven numbers a body, as the digits of their bits.

use std::io::{BufRead, Write, stdin, stdout};
use std::time::Instant;

use rapier3d::prelude::*;
use serde_json::Value;

type Problem = Box<dyn std::error::Error>;

struct Scene {
    world: PhysicsWorld,
    bodies: Vec<RigidBodyHandle>,
}

fn number(value: &Value) -> f32 {
    value.as_f64().unwrap_or_default() as f32
}

fn vector(value: &Value) -> Vector {
    Vector::new(number(&value[0]), number(&value[1]), number(&value[2]))
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Makes the scene in the order in which the other contestants make it.
fn build(scene: &Value) -> Result<Scene, Problem> {
    let mut world = PhysicsWorld::new();
    world.gravity = Vector::new(0.0, -9.81, 0.0);
    if scene["terrain"].is_object() {
        let points: Vec<f32> = array(&scene["terrain"]["points"])
            .iter()
            .map(number)
            .collect();
        let indices: Vec<u32> = array(&scene["terrain"]["indices"])
            .iter()
            .filter_map(|index| index.as_u64()?.try_into().ok())
            .collect();
        let points = points
            .chunks_exact(3)
            .map(|point| Vector::new(point[0], point[1], point[2]))
            .collect();
        let corners = indices.as_chunks::<3>().0.to_vec();
        world.insert_collider(ColliderBuilder::trimesh(points, corners)?, None);
    }
    let bodies = array(&scene["items"])
        .iter()
        .map(|item| insert(&mut world, item))
        .collect::<Vec<_>>();
    for joint in array(&scene["joints"]) {
        let body = |end: &str| {
            let index = joint[end].as_u64().unwrap_or_default() as usize;
            bodies.get(index).copied().ok_or("a joint names no body")
        };
        let joint_data = SphericalJointBuilder::new()
            .local_anchor1(vector(&joint["anchor1"]))
            .local_anchor2(vector(&joint["anchor2"]));
        let (first, second) = (body("first")?, body("second")?);
        world.impulse_joints.insert(first, second, joint_data, true);
    }
    Ok(Scene { world, bodies })
}

fn insert(world: &mut PhysicsWorld, item: &Value) -> RigidBodyHandle {
    let kind = if item["fixed"] == true {
        RigidBodyType::Fixed
    } else {
        RigidBodyType::Dynamic
    };
    let builder = RigidBodyBuilder::new(kind)
        .translation(vector(&item["position"]))
        .can_sleep(false);
    let body = world.insert_body(builder);
    let collider = if item["half"].is_array() {
        let half = vector(&item["half"]);
        ColliderBuilder::cuboid(half.x, half.y, half.z)
    } else {
        ColliderBuilder::ball(number(&item["radius"]))
    };
    world.insert_collider(collider, Some(body));
    body
}

impl Scene {
    /// Milliseconds that so many steps took.
    fn step(&mut self, count: u32) -> f64 {
        let started = Instant::now();
        for _ in 0..count {
            self.world.step();
        }
        started.elapsed().as_secs_f64() * 1000.0
    }

    fn poses(&self) -> String {
        let mut digits = String::new();
        for &handle in &self.bodies {
            let (p, q) = (
                self.world.bodies[handle].translation(),
                self.world.bodies[handle].rotation(),
            );
            for axis in [p.x, p.y, p.z, q.x, q.y, q.z, q.w] {
                digits += &format!("{:08x}", axis.to_bits());
            }
        }
        digits
    }
}

fn main() -> Result<(), Problem> {
    let path = std::env::args()
        .nth(1)
        .ok_or("usage: inos-physics-native SCENE.json")?;
    let mut scene = build(&serde_json::from_str(&std::fs::read_to_string(path)?)?)?;
    for line in stdin().lock().lines() {
        let line = line?;
        let answer = match line.split_once(' ') {
            Some(("step", count)) => scene.step(count.parse()?).to_string(),
            _ if line == "poses" => scene.poses(),
            _ => return Err(format!("no such request: {line}").into()),
        };
        println!("{answer}");
        stdout().flush()?;
    }
    Ok(())
}
