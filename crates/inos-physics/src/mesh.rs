//! Shapes of many numbers: hulls, meshes, heightfields, voxels, compounds. Each may turn out not to be one.

use rapier3d::geometry::{HeightFieldFlags, SharedShape, TriMeshFlags};
use rapier3d::math::{IVector, Pose, Vector};
use rapier3d::parry::utils::Array2;

use crate::collider::FARTHEST_VOXEL;
use crate::generated::physics_capnp::{mesh_flag, shape_data as data, shape_kind as kind};
use crate::operands::Operands;
use crate::shape::shape;
use crate::{Error, Handle, World};

/// What `createShape` was given.
struct Given<'w> {
    head: Operands<'w>,
    first: &'w [u32],
    second: &'w [u32],
}

fn bad(reason: &'static str) -> Error {
    Error::BadShape { reason }
}

impl<'w> Given<'w> {
    fn new(words: &'w [u32]) -> Result<Self, Error> {
        let lengths = bad("its lengths aren't those of its data");
        let head = Operands::new(words, 0);
        let (first, second) = (head.word(data::FIRST)?, head.word(data::SECOND)?);
        let body = words.get(data::HEAD as usize..).ok_or(lengths)?;
        let (first_words, rest) = body.split_at_checked(first as usize).ok_or(lengths)?;
        if rest.len() != second as usize {
            return Err(lengths);
        }
        Ok(Self {
            head,
            first: first_words,
            second: rest,
        })
    }

    fn points(&self) -> Result<Vec<Vector>, Error> {
        let (points, rest) = self.first.as_chunks::<3>();
        if points.is_empty() || !rest.is_empty() {
            return Err(bad(
                "points have three numbers each, and there must be some",
            ));
        }
        let point = |words: &[u32; 3]| Vector::from_array(words.map(f32::from_bits));
        let points: Vec<Vector> = points.iter().map(point).collect();
        if points.iter().all(|point| point.is_finite()) {
            return Ok(points);
        }
        Err(bad("points must be finite"))
    }

    fn indices<const N: usize>(&self, points: usize) -> Result<Vec<[u32; N]>, Error> {
        let (indices, rest) = self.second.as_chunks::<N>();
        if indices.is_empty() || !rest.is_empty() {
            return Err(bad(
                "there must be whole triangles or segments, at least one",
            ));
        }
        if self.second.iter().any(|&index| index as usize >= points) {
            return Err(bad("an index is beyond the points"));
        }
        Ok(indices.to_vec())
    }

    /// The border radius, if the shape shall be rounded.
    fn border(&self) -> Result<Option<f32>, Error> {
        let border = self.head.size(data::BORDER_RADIUS)?;
        Ok((border > 0.0).then_some(border))
    }

    fn is(&self, flag: u32) -> Result<bool, Error> {
        Ok(self.head.word(data::FLAGS)? & flag != 0)
    }

    fn scale(&self) -> Result<Vector, Error> {
        let axis = |index| self.head.positive(data::SCALE + index);
        Ok(Vector::new(axis(0)?, axis(1)?, axis(2)?))
    }
}

/// Whether points span a volume, beyond what rounding could make of a plane.
fn span_a_volume(points: &[Vector]) -> bool {
    let origin = points[0];
    let longest = |direction: &dyn Fn(Vector) -> f32| {
        let all = points.iter().map(|&point| point - origin);
        all.max_by(|a, b| direction(*a).total_cmp(&direction(*b)))
    };
    let Some(along) = longest(&|vector| vector.length_squared()) else {
        return false;
    };
    let Some(across) = longest(&|vector| vector.cross(along).length_squared()) else {
        return false;
    };
    let normal = along.cross(across);
    let Some(off) = longest(&|vector| vector.dot(normal).abs()) else {
        return false;
    };
    let size = along.length();
    off.dot(normal).abs() > 1e-5 * size * size * size
}

fn convex(given: &Given<'_>, is_mesh: bool) -> Result<SharedShape, Error> {
    let points = given.points()?;
    if points.len() < 4 || !span_a_volume(&points) {
        return Err(bad("the points lie in a plane"));
    }
    let border = given.border()?;
    let none = bad("the points have no convex hull with a volume");
    if !is_mesh {
        return match border {
            None => SharedShape::convex_hull(&points),
            Some(border) => SharedShape::round_convex_hull(&points, border),
        }
        .ok_or(none);
    }
    let indices = given.indices::<3>(points.len())?;
    match border {
        None => SharedShape::convex_mesh(points, &indices),
        Some(border) => SharedShape::round_convex_mesh(points, &indices, border),
    }
    .ok_or(bad("the triangles aren't those of a closed convex mesh"))
}

fn trimesh(given: &Given<'_>) -> Result<SharedShape, Error> {
    let points = given.points()?;
    let indices = given.indices::<3>(points.len())?;
    let mut flags = TriMeshFlags::empty();
    if given.is(mesh_flag::FIX_INTERNAL_EDGES)? {
        flags |= TriMeshFlags::FIX_INTERNAL_EDGES;
    }
    if given.is(mesh_flag::ORIENTED)? {
        flags |= TriMeshFlags::ORIENTED;
    }
    let is_flat = |&[a, b, c]: &[u32; 3]| {
        let corner = |index: u32| points[index as usize];
        let cross = (corner(b) - corner(a)).cross(corner(c) - corner(a));
        cross.length_squared() == 0.0
    };
    if indices.iter().any(is_flat) {
        return Err(bad("a triangle has no area"));
    }
    SharedShape::trimesh_with_flags(points, indices, flags)
        .map_err(|_| bad("the triangles have no topology that can be used"))
}

fn heightfield(given: &Given<'_>) -> Result<SharedShape, Error> {
    let rows = given.head.word(data::ROWS)? as usize;
    let count = given.first.len();
    if rows < 2 || !count.is_multiple_of(rows) || count / rows < 2 {
        return Err(bad("a heightfield has at least two rows and two columns"));
    }
    let heights: Vec<f32> = given
        .first
        .iter()
        .map(|&word| f32::from_bits(word))
        .collect();
    if !heights.iter().all(|height| height.is_finite()) {
        return Err(bad("heights must be finite"));
    }
    let heights = Array2::new(rows, count / rows, heights);
    let mut flags = HeightFieldFlags::empty();
    if given.is(mesh_flag::FIX_INTERNAL_EDGES)? {
        flags |= HeightFieldFlags::FIX_INTERNAL_EDGES;
    }
    Ok(SharedShape::heightfield_with_flags(
        heights,
        given.scale()?,
        flags,
    ))
}

fn voxels(given: &Given<'_>) -> Result<SharedShape, Error> {
    let (cells, rest) = given.first.as_chunks::<3>();
    if cells.is_empty() || !rest.is_empty() {
        return Err(bad("cells have three numbers each, and there must be some"));
    }
    let cell = |words: &[u32; 3]| words.map(u32::cast_signed);
    let cells: Vec<[i32; 3]> = cells.iter().map(cell).collect();
    if cells
        .iter()
        .flatten()
        .any(|number| number.unsigned_abs() > FARTHEST_VOXEL)
    {
        return Err(bad("a cell is too far away"));
    }
    let cells: Vec<IVector> = cells.into_iter().map(IVector::from_array).collect();
    Ok(SharedShape::voxels(given.scale()?, &cells))
}

fn compound(world: &World, given: &Given<'_>) -> Result<SharedShape, Error> {
    const POSITION: u32 = 11;
    const ROTATION: u32 = 14;
    let (parts, rest) = given.first.as_chunks::<{ data::PART_WORDS as usize }>();
    if parts.is_empty() || !rest.is_empty() {
        return Err(bad("a compound has at least one whole part"));
    }
    let part = |words: &[u32; data::PART_WORDS as usize]| -> Result<(Pose, SharedShape), Error> {
        let operands = Operands::new(words, 0);
        let part = world.shape(operands, 0, 1)?;
        let is_made_of_parts = part.as_composite_shape().is_some()
            || part.as_voxels().is_some()
            || part.as_heightfield().is_some();
        if is_made_of_parts || part.as_halfspace().is_some() {
            return Err(bad(
                "a compound's parts can't be half-spaces, nor made of parts themselves",
            ));
        }
        Ok((operands.pose(POSITION, ROTATION)?, part))
    };
    let parts: Result<Vec<_>, Error> = parts.iter().map(part).collect();
    Ok(SharedShape::compound(parts?))
}

impl World {
    /// Makes a shape of `words` (see `ShapeData` in the schema) and keeps it under `handle`.
    ///
    /// # Errors
    /// [`Error::BadShape`]; the world is then unchanged.
    pub fn create_shape(&mut self, handle: Handle, words: &[u32]) -> Result<(), Error> {
        let given = Given::new(words)?;
        let made = match given.head.word(data::KIND)? {
            kind::CONVEX_HULL => convex(&given, false)?,
            kind::CONVEX_MESH => convex(&given, true)?,
            kind::TRIMESH => trimesh(&given)?,
            kind::POLYLINE => {
                let points = given.points()?;
                let segments = given.indices::<2>(points.len())?;
                SharedShape::polyline(points, Some(segments))
            }
            kind::HEIGHTFIELD => heightfield(&given)?,
            kind::VOXELS => voxels(&given)?,
            kind::COMPOUND => compound(self, &given)?,
            _ => return Err(bad("there is no such kind of shape")),
        };
        if self.shapes.insert(handle, made) {
            return Ok(());
        }
        Err(bad("its handle is taken"))
    }

    /// The shape that operands describe: by a few sizes, or by the handle of one that was made before.
    pub(crate) fn shape(
        &self,
        operands: Operands<'_>,
        which: u32,
        size: u32,
    ) -> Result<SharedShape, Error> {
        match operands.word(which)? {
            kind::PREPARED => self.shapes.require(operands.handle(size)?, operands.at),
            which => shape(which, operands, size),
        }
    }
}

/// Forgets a shape. Colliders keep it.
pub(crate) fn remove(world: &mut World, operands: Operands<'_>) -> Result<(), Error> {
    let handle = operands.handle(0)?;
    world.shapes.require(handle, operands.at)?;
    world.shapes.remove(handle.slot);
    Ok(())
}
