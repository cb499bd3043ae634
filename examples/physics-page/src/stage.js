// What is seen: the boxes as one InstancedMesh, whose matrices are made of the poses in shared memory.
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
    for (let index = 0; index < this.#boxes.count; index++) {
      const slot = this.#firstSlot + index;
      writeMatrix(matrices.array, index * 16, translations, slot * 3, rotations, slot * 4);
    }
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

/** A pose as a matrix, column by column. */
function writeMatrix(target, at, translations, place, rotations, turn) {
  const x = rotations[turn];
  const y = rotations[turn + 1];
  const z = rotations[turn + 2];
  const w = rotations[turn + 3];
  target[at] = 1 - 2 * (y * y + z * z);
  target[at + 1] = 2 * (x * y + z * w);
  target[at + 2] = 2 * (x * z - y * w);
  target[at + 4] = 2 * (x * y - z * w);
  target[at + 5] = 1 - 2 * (x * x + z * z);
  target[at + 6] = 2 * (y * z + x * w);
  target[at + 8] = 2 * (x * z + y * w);
  target[at + 9] = 2 * (y * z - x * w);
  target[at + 10] = 1 - 2 * (x * x + y * y);
  target[at + 12] = translations[place];
  target[at + 13] = translations[place + 1];
  target[at + 14] = translations[place + 2];
  target[at + 15] = 1;
}
