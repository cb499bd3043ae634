fn main() {
    inos_build::link();
}
