//! Soft bodies: ropes, cloths, volumes of particles. Making one may fail, as shapes may.

use core::hint::black_box;

use rapier3d::dynamics::{
    SoftBody, SoftBodyBuilder, SoftBodyCellModel, SoftBodyHandle, SoftBodyMaterial,
    SoftBodyParticleSettings, SoftEdgePlasticFlow, SpringCoefficients,
};
use rapier3d::math::Vector;

use crate::collider::groups;
use crate::generated::answers_capnp::list_kind;
use crate::generated::controls_capnp::{
    soft_data as data, soft_flag as flag, soft_kind as kind, soft_material as material,
    soft_property as property,
};
use crate::generated::physics_capnp::physics_limits;
use crate::list::List;
use crate::operands::Operands;
use crate::query::write_vectors;
use crate::{Error, Handle, World};

/// The most particles of one.
const MOST_PARTICLES: u32 = 1 << 20;

/// Whether soft bodies are built in. A build's last steps make a second module in which this says no, and what rapier
/// would do to soft bodies is left out: `without-soft-bodies.json` beside this crate's manifest.
#[inline(never)]
pub(crate) fn are_built_in() -> bool {
    black_box(true)
}

fn bad(reason: &'static str) -> Error {
    Error::BadShape { reason }
}

/// What `createSoftBody` was given.
struct Given<'w> {
    head: Operands<'w>,
    points: Vec<Vector>,
    second: &'w [u32],
    cells: &'w [u32],
    pinned: &'w [u32],
}

fn indices<const N: usize>(words: &[u32], points: usize) -> Result<Vec<[u32; N]>, Error> {
    let (indices, rest) = words.as_chunks::<N>();
    if !rest.is_empty() || words.iter().any(|&index| index as usize >= points) {
        return Err(bad("an index is beyond the points, or one is missing"));
    }
    Ok(indices.to_vec())
}

impl<'w> Given<'w> {
    fn new(words: &'w [u32]) -> Result<Self, Error> {
        let lengths = bad("its lengths aren't those of its data");
        let head = Operands::new(words, 0);
        let mut rest = words.get(data::HEAD as usize..).ok_or(lengths)?;
        let mut take = |index: u32| -> Result<&'w [u32], Error> {
            let length = head.word(index)? as usize;
            let (taken, after) = rest.split_at_checked(length).ok_or(lengths)?;
            rest = after;
            Ok(taken)
        };
        let first = take(data::FIRST)?;
        let (second, cells) = (take(data::SECOND)?, take(data::THIRD)?);
        let pinned = take(data::FOURTH)?;
        let (points, odd) = first.as_chunks::<3>();
        let point = |words: &[u32; 3]| Vector::from_array(words.map(f32::from_bits));
        let points: Vec<Vector> = points.iter().map(point).collect();
        if !rest.is_empty() || !odd.is_empty() || !points.iter().all(|point| point.is_finite()) {
            return Err(bad("points must be finite and have three numbers each"));
        }
        Ok(Self {
            head,
            points,
            second,
            cells,
            pinned,
        })
    }

    /// A count of particles, at least `least`.
    fn count(&self, index: u32, least: u32) -> Result<usize, Error> {
        let count = self.head.word(data::SIZES + index)?;
        if (least..=MOST_PARTICLES).contains(&count) {
            return Ok(count as usize);
        }
        Err(bad("a count of particles is too small or too large"))
    }

    fn vector(&self, index: u32) -> Result<Vector, Error> {
        self.head.vector(data::SIZES + index)
    }

    fn positive(&self, index: u32) -> Result<f32, Error> {
        self.head.positive(data::SIZES + index)
    }

    fn is(&self, bit: u32) -> Result<bool, Error> {
        Ok(self.head.word(data::FLAGS)? & bit != 0)
    }

    /// A switch that may be left to the generator: given if the bit above it is set.
    fn given(&self, bit: u32) -> Result<Option<bool>, Error> {
        Ok(if self.is(bit << 1)? {
            Some(self.is(bit)?)
        } else {
            None
        })
    }

    /// The generator's body, before anything else is said of it.
    fn builder(&self) -> Result<SoftBodyBuilder, Error> {
        let product = |counts: [usize; 3]| {
            let all = counts
                .iter()
                .try_fold(1usize, |all, &count| all.checked_mul(count));
            all.filter(|&all| all <= MOST_PARTICLES as usize)
                .map(|_| counts)
                .ok_or(bad("there are too many particles"))
        };
        Ok(match self.head.word(data::KIND)? {
            kind::PARTICLES => self.particles()?,
            kind::ROPE => {
                SoftBodyBuilder::rope(self.vector(0)?, self.vector(3)?, self.count(6, 2)?)
            }
            kind::CLOTH => {
                let [along, across, _] = product([self.count(9, 2)?, self.count(10, 2)?, 1])?;
                let (origin, du, dv) = (self.vector(0)?, self.vector(3)?, self.vector(6)?);
                SoftBodyBuilder::cloth(origin, du, dv, along, across)
            }
            kind::TUBE => {
                let [around, along, _] = product([self.count(8, 3)?, self.count(9, 2)?, 1])?;
                let (origin, axis) = (self.vector(0)?, self.vector(3)?);
                let (start, end) = (self.positive(6)?, self.positive(7)?);
                SoftBodyBuilder::cloth_tube(origin, axis, start, end, around, along)
            }
            kind::CUBOID => {
                let counts = [self.count(6, 2)?, self.count(7, 2)?, self.count(8, 2)?];
                let [x, y, z] = product(counts)?;
                let half = Vector::new(self.positive(3)?, self.positive(4)?, self.positive(5)?);
                SoftBodyBuilder::cuboid(self.vector(0)?, half, x, y, z)
            }
            kind::SPHERE => {
                let subdivisions = self.count(4, 0)?.min(6);
                SoftBodyBuilder::sphere(self.vector(0)?, self.positive(3)?, subdivisions)
            }
            kind::TRIMESH => {
                let triangles = indices::<3>(self.second, self.points.len())?;
                SoftBodyBuilder::trimesh(self.points.clone(), triangles)
                    .ok_or(bad("it has no triangles"))?
            }
            kind::VOLUMETRIC => self.volumetric()?,
            _ => return Err(bad("there is no such kind of soft body")),
        })
    }

    fn particles(&self) -> Result<SoftBodyBuilder, Error> {
        let count = self.points.len();
        if count == 0 {
            return Err(bad("it has no particles"));
        }
        let edges = indices::<2>(self.second, count)?;
        let cells = indices::<4>(self.cells, count)?;
        let builder = SoftBodyBuilder::new(self.points.clone()).edges(edges);
        Ok(if cells.is_empty() {
            builder
        } else {
            builder.cells(cells)
        })
    }

    fn volumetric(&self) -> Result<SoftBodyBuilder, Error> {
        let triangles = indices::<3>(self.second, self.points.len())?;
        let size = self.positive(0)?;
        let (mut least, mut most) = (Vector::splat(f32::MAX), Vector::splat(f32::MIN));
        for &point in &self.points {
            (least, most) = (least.min(point), most.max(point));
        }
        let cells = ((most - least) / size).max(Vector::ONE);
        if triangles.is_empty() || cells.x * cells.y * cells.z > MOST_PARTICLES as f32 {
            return Err(bad("it has no triangles, or too many cells"));
        }
        let made = if self.is(flag::SKINNED)? {
            SoftBodyBuilder::volumetric_skinned(&self.points, &triangles, size)
        } else {
            SoftBodyBuilder::volumetric(&self.points, &triangles, size)
        };
        made.ok_or(bad("the triangles enclose no volume"))
    }

    fn build(&self) -> Result<SoftBodyBuilder, Error> {
        let mut builder = self
            .builder()?
            .material(read_material(self.head, data::MATERIAL)?);
        let count = builder.positions.len();
        let pinned = self.pinned.to_vec();
        if pinned.iter().any(|&particle| particle as usize >= count) {
            return Err(bad("a pinned particle isn't one"));
        }
        builder = builder.pinned_particles(pinned);
        builder = builder.translated(self.head.vector(data::TRANSLATION)?);
        let mass = self.head.size(data::MASS)?;
        if self.is(flag::MASS_GIVEN)? {
            builder = builder.mass(mass);
        }
        let radius = self.head.size(data::RADIUS)?;
        if self.is(flag::RADIUS_GIVEN)? {
            builder = builder.particle_radius(radius);
        }
        if let Some(is_preserved) = self.given(flag::VOLUME_PRESERVATION)? {
            builder = builder.volume_preservation(is_preserved);
        }
        if let Some(is_matching) = self.given(flag::SHAPE_MATCHING)? {
            builder = builder.shape_matching(is_matching);
        }
        if self.is(flag::TENSION_ONLY)? {
            builder = builder.tension_only();
        }
        builder = builder
            .self_contacts(self.is(flag::SELF_CONTACTS)?)
            .volume_factor(self.head.size(data::VOLUME_FACTOR)?)
            .cell_model(match self.head.word(data::CELL_MODEL)? {
                0 => SoftBodyCellModel::Volume,
                1 => SoftBodyCellModel::Corotational,
                2 => SoftBodyCellModel::NeoHookean,
                _ => return Err(bad("there is no such model of cells")),
            })
            .particle_settings(SoftBodyParticleSettings {
                linear_damping: self.head.size(data::LINEAR_DAMPING)?,
                gravity_scale: self.head.number(data::GRAVITY_SCALE)?,
                additional_solver_iterations: self.head.word(data::SOLVER_ITERATIONS)?.min(255)
                    as usize,
                can_sleep: self.is(flag::CAN_SLEEP)?,
                ..SoftBodyParticleSettings::default()
            });
        self.skin(builder)
    }

    /// Its collider, which is in no slot.
    fn skin(&self, mut builder: SoftBodyBuilder) -> Result<SoftBodyBuilder, Error> {
        if self.is(flag::NO_COLLIDER)? {
            return Ok(builder.no_surface_collider());
        }
        let template = builder.collider_template.take();
        if let Some(collider) = template {
            builder.collider_template = Some(
                collider
                    .user_data(u128::from(physics_limits::NONE))
                    .friction(self.head.size(data::FRICTION)?)
                    .restitution(self.head.size(data::RESTITUTION)?)
                    .collision_groups(groups(self.head.word(data::COLLISION_GROUPS)?)),
            );
        }
        Ok(builder)
    }
}

/// A material from `start` on.
fn read_material(operands: Operands<'_>, start: u32) -> Result<SoftBodyMaterial, Error> {
    let size = |index: u32| operands.size(start + index);
    let softness = |index: u32| {
        Ok::<_, Error>(SpringCoefficients::new(
            operands.positive(start + index)?,
            size(index + 1)?,
        ))
    };
    // Infinite for never.
    let tear = |index: u32| {
        let threshold = f32::from_bits(operands.word(start + index)?);
        match threshold {
            never if never == f32::INFINITY => Ok(None),
            _ => operands.positive(start + index).map(Some),
        }
    };
    let piece = operands.word(start + material::MINIMUM_PIECE)?;
    Ok(SoftBodyMaterial {
        edge_softness: softness(material::EDGE)?,
        bend_softness: softness(material::BEND)?,
        volume_softness: softness(material::VOLUME)?,
        shape_matching_softness: softness(material::SHAPE_MATCHING)?,
        young_modulus: operands.positive(start + material::YOUNG_MODULUS)?,
        poisson_ratio: size(material::POISSON_RATIO)?.min(0.49),
        elastic_damping_ratio: size(material::ELASTIC_DAMPING)?,
        deformation_damping: size(material::DEFORMATION_DAMPING)?,
        plastic_yield: size(material::PLASTIC)?,
        plastic_creep: size(material::PLASTIC + 1)?,
        plastic_max: size(material::PLASTIC + 2)?,
        edge_plastic_yield: size(material::EDGE_PLASTIC)?,
        edge_plastic_creep: size(material::EDGE_PLASTIC + 1)?,
        edge_plastic_max: size(material::EDGE_PLASTIC + 2)?,
        edge_plastic_flow: match operands.word(start + material::EDGE_PLASTIC_FLOW)? {
            0 => SoftEdgePlasticFlow::Both,
            1 => SoftEdgePlasticFlow::Compression,
            2 => SoftEdgePlasticFlow::Tension,
            _ => return Err(operands.bad(start + material::EDGE_PLASTIC_FLOW)),
        },
        tear_strain: tear(material::TEAR_STRAIN)?,
        tear_force: tear(material::TEAR_FORCE)?,
        tear_smoothing: size(material::TEAR_SMOOTHING)?,
        interior_strength: size(material::INTERIOR_STRENGTH)?,
        max_tears_per_step: operands.word(start + material::MAXIMUM_TEARS)?,
        min_piece: (piece != physics_limits::NONE).then_some(piece),
    })
}

impl World {
    /// Makes a soft body of `words` (see `SoftData` in the schema). Says how many particles it has.
    ///
    /// # Errors
    /// [`Error::BadShape`] or [`Error::BadCommand`], or [`Error::NoSoftBodies`] in a module without them; the world is
    /// then unchanged.
    pub fn create_soft_body(&mut self, handle: Handle, words: &[u32]) -> Result<u32, Error> {
        if !are_built_in() {
            return Err(Error::NoSoftBodies);
        }
        self.make_soft_body(handle, words)
    }

    /// Not inlined, so that it can be left out.
    #[inline(never)]
    fn make_soft_body(&mut self, handle: Handle, words: &[u32]) -> Result<u32, Error> {
        let builder = Given::new(words)?.build()?;
        if !self.softs.is_free(handle) {
            return Err(bad("its handle is taken"));
        }
        let particles = builder.positions.len() as u32;
        let inserted = self.physics.insert_soft_body(builder);
        self.unstepped = true;
        if self.softs.insert(handle, inserted) {
            return Ok(particles);
        }
        Err(bad("its handle is taken"))
    }

    /// The soft body that words name.
    pub(crate) fn soft_body(&self, operands: Operands<'_>) -> Result<&SoftBody, Error> {
        let handle = self.softs.require(operands.handle(0)?, operands.at)?;
        let found = self.physics.soft_bodies.get(handle);
        found.ok_or(operands.bad(0))
    }

    /// Particles, triangles or edges of a soft body.
    pub(crate) fn list_soft(
        &self,
        which: u32,
        operands: Operands<'_>,
        list: &mut List<'_>,
    ) -> Result<(), Error> {
        let body = self.soft_body(operands)?;
        match which {
            list_kind::SOFT_POSITIONS => body
                .particle_positions()
                .for_each(|place| list.push(|record| write_vectors([place], record))),
            list_kind::SOFT_VELOCITIES => body
                .particle_velocities()
                .for_each(|speed| list.push(|record| write_vectors([speed], record))),
            list_kind::SOFT_TRIANGLES => body
                .boundary()
                .iter()
                .for_each(|corners| list.push(|record| record.copy_from_slice(corners))),
            _ => body
                .edges()
                .iter()
                .for_each(|edge| list.push(|record| record.copy_from_slice(&edge.vertices))),
        }
        Ok(())
    }
}

/// Removes a soft body.
pub(crate) fn remove(world: &mut World, operands: Operands<'_>) -> Result<(), Error> {
    let handle = operands.handle(0)?;
    let body = world.softs.require(handle, operands.at)?;
    world.physics.remove_soft_body(body);
    world.softs.remove(handle.slot);
    world.unstepped = true;
    Ok(())
}

/// Changes one property of a soft body.
pub(crate) fn set(world: &mut World, operands: Operands<'_>) -> Result<(), Error> {
    let handle = world.softs.require(operands.handle(0)?, operands.at)?;
    let which = operands.word(2)?;
    world.unstepped = true;
    if which == property::ATTACH {
        return attach(world, handle, operands);
    }
    let Some(body) = world.physics.soft_bodies.get_mut(handle) else {
        return Err(operands.bad(0));
    };
    if set_whole(body, which, operands)? || set_particle(body, which, operands)? {
        return Ok(());
    }
    Err(operands.bad(2))
}

const VALUE: u32 = 3;

fn particle(body: &SoftBody, operands: Operands<'_>) -> Result<usize, Error> {
    let particle = operands.word(VALUE)? as usize;
    (particle < body.num_particles())
        .then_some(particle)
        .ok_or(operands.bad(VALUE))
}

fn attach(world: &mut World, soft: SoftBodyHandle, operands: Operands<'_>) -> Result<(), Error> {
    let handle = operands.handle(VALUE + 1)?;
    let rigid = world.bodies.require(handle, operands.at)?;
    let physics = &mut world.physics;
    let Some(body) = physics.soft_bodies.get_mut(soft) else {
        return Err(operands.bad(0));
    };
    let particle = particle(body, operands)?;
    body.attach_particle(particle, rigid, &physics.bodies);
    Ok(())
}

/// What concerns all of it. Says whether `which` is such a property.
fn set_whole(body: &mut SoftBody, which: u32, operands: Operands<'_>) -> Result<bool, Error> {
    let switch = || operands.word(VALUE).map(|word| word != 0);
    match which {
        property::ADD_FORCE => body.add_force(operands.vector(VALUE)?, true),
        property::RESET_FORCES => body.reset_forces(true),
        property::IMPULSE => body.apply_impulse(operands.vector(VALUE)?, true),
        property::IMPULSE_AT_POINT => {
            let (impulse, point) = (operands.vector(VALUE)?, operands.vector(VALUE + 3)?);
            body.apply_impulse_at_point(impulse, point, operands.size(VALUE + 6)?, true);
        }
        property::RADIAL_IMPULSE => {
            let (center, magnitude) = (operands.vector(VALUE)?, operands.number(VALUE + 3)?);
            body.apply_radial_impulse(center, magnitude, operands.size(VALUE + 4)?, true);
        }
        property::ENABLED => body.set_enabled(switch()?),
        property::WAKE => body.wake_up(),
        property::VOLUME_FACTOR => body.set_volume_factor(operands.size(VALUE)?),
        property::VOLUME_PRESERVATION => body.enable_volume_preservation(switch()?),
        property::MATERIAL => body.set_material(read_material(operands, VALUE)?),
        property::TEAR => {
            let index = operands.word(VALUE + 1)? as usize;
            let is_cell = switch()?;
            let count = if is_cell {
                body.cells().len()
            } else {
                body.edges().len()
            };
            if index >= count {
                return Err(operands.bad(VALUE + 1));
            }
            if is_cell {
                body.tear_cell(index);
            } else {
                body.tear_edge(index);
            }
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// What concerns one particle. Says whether `which` is such a property.
fn set_particle(body: &mut SoftBody, which: u32, operands: Operands<'_>) -> Result<bool, Error> {
    let at = particle(body, operands)?;
    let vector = || operands.vector(VALUE + 1);
    match which {
        property::PARTICLE_POSITION => body.set_particle_position(at, vector()?),
        property::PARTICLE_VELOCITY => body.set_particle_velocity(at, vector()?),
        property::PARTICLE_TARGET => body.set_particle_kinematic_target(at, vector()?),
        property::PARTICLE_PINNED => {
            body.set_particle_pinned(at, operands.word(VALUE + 1)? != 0);
        }
        property::DETACH => {
            body.detach_particle(at);
        }
        property::ADD_PARTICLE_FORCE => body.add_particle_force(at, vector()?, true),
        property::PARTICLE_IMPULSE => body.apply_particle_impulse(at, vector()?, true),
        _ => return Ok(false),
    }
    Ok(true)
}
