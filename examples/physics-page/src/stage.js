// What is seen: the boxes as one InstancedMesh, whose matrices are made of the poses in shared memory.
import { writeMatrices } from '@inos/physics';
import * as THREE from 'three';
import { OrbitControls } from 'three/addons/controls/OrbitControls.js';

/** Draws a world's boxes. */
export class Stage {
  #renderer;
  #camera;
  #scene = new THREE.Scene();
  #boxes;
  #firstSlot;

  /** @param {HTMLCanvasElement} canvas @param {number} count @param {number} firstSlot of the boxes */
  constructor(canvas, count, firstSlot) {
    this.#firstSlot = firstSlot;
    this.#renderer = new THREE.WebGLRenderer({ canvas, antialias: true });
    this.#camera = new THREE.PerspectiveCamera(45, 1, 1, 500);
    this.#camera.position.set(46, 34, 52);
    const controls = new OrbitControls(this.#camera, canvas);
    controls.target.set(4, 8, 0);
    controls.update();
    this.#scene.background = new THREE.Color(0x10141c);
    this.#scene.add(new THREE.HemisphereLight(0xbfd4ff, 0x2a2f3a, 1.6));
    const sun = new THREE.DirectionalLight(0xfff2dd, 2.2);
    sun.position.set(30, 60, 20);
    this.#scene.add(sun, floor());
    this.#boxes = boxes(count);
    this.#scene.add(this.#boxes);
  }

  /** Draws what the arrays say: x y z and x y z w of each slot. */
  draw(translations, rotations) {
    const matrices = this.#boxes.instanceMatrix;
    const which = { first: this.#firstSlot, count: this.#boxes.count };
    writeMatrices(matrices.array, { translations, rotations }, which);
    matrices.needsUpdate = true;
    this.#fit();
    this.#renderer.render(this.#scene, this.#camera);
  }

  #fit() {
    const { clientWidth: width, clientHeight: height } = document.documentElement;
    const size = this.#renderer.getSize(new THREE.Vector2());
    if (size.x === width && size.y === height) return;
    this.#renderer.setSize(width, height);
    this.#camera.aspect = width / height;
    this.#camera.updateProjectionMatrix();
  }
}

function floor() {
  const geometry = new THREE.PlaneGeometry(400, 400).rotateX(-Math.PI / 2);
  return new THREE.Mesh(geometry, new THREE.MeshLambertMaterial({ color: 0x232a38 }));
}

/** Coloured by where they begin: whoever sees them fall sees where they came from. */
function boxes(count) {
  const mesh = new THREE.InstancedMesh(
    new THREE.BoxGeometry(1, 1, 1),
    new THREE.MeshLambertMaterial(),
    count,
  );
  const color = new THREE.Color();
  for (let index = 0; index < count; index++) {
    mesh.setColorAt(index, color.setHSL(0.58 - 0.55 * (index / count), 0.65, 0.55));
  }
  mesh.frustumCulled = false;
  return mesh;
}
