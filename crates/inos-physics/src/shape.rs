//! Shapes that a few numbers describe.

use rapier3d::geometry::SharedShape;

use crate::Error;
use crate::generated::physics_capnp::shape_kind as kind;
use crate::operands::Operands;

/// The shape of kind `which` whose sizes begin at operand `size`.
pub(crate) fn shape(which: u32, operands: Operands<'_>, size: u32) -> Result<SharedShape, Error> {
    let positive = |index| operands.positive(size + index);
    let border = |index| operands.size(size + index);
    Ok(match which {
        kind::BALL => SharedShape::ball(positive(0)?),
        kind::CUBOID => {
            let (x, y, z) = (positive(0)?, positive(1)?, positive(2)?);
            match border(3)? {
                0.0 => SharedShape::cuboid(x, y, z),
                border => SharedShape::round_cuboid(x, y, z, border),
            }
        }
        kind::CAPSULE => SharedShape::capsule_y(border(0)?, positive(1)?),
        kind::CYLINDER => match border(2)? {
            0.0 => SharedShape::cylinder(positive(0)?, positive(1)?),
            border => SharedShape::round_cylinder(positive(0)?, positive(1)?, border),
        },
        kind::CONE => match border(2)? {
            0.0 => SharedShape::cone(positive(0)?, positive(1)?),
            border => SharedShape::round_cone(positive(0)?, positive(1)?, border),
        },
        kind::HALFSPACE => SharedShape::halfspace(operands.direction(size)?),
        kind::SEGMENT => {
            let (a, b) = (operands.vector(size)?, operands.vector(size + 3)?);
            if a == b {
                return Err(operands.bad(size));
            }
            SharedShape::segment(a, b)
        }
        kind::TRIANGLE => {
            let corner = |index: u32| operands.vector(size + index * 3);
            let (a, b, c) = (corner(0)?, corner(1)?, corner(2)?);
            if (b - a).cross(c - a).length_squared() == 0.0 {
                return Err(operands.bad(size));
            }
            match border(9)? {
                0.0 => SharedShape::triangle(a, b, c),
                border => SharedShape::round_triangle(a, b, c, border),
            }
        }
        _ => return Err(operands.bad(size - 1)),
    })
}
