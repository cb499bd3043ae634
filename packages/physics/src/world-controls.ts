/**
 * What drives bodies of a world: characters, vehicles, PID controllers. They share one table of slots.
 */
import { wrongType, type JobOptions } from '@inos/sdk';
import { requireChanges, writeChanges, type BodyChanges } from './body-batch.js';
import type { Body } from './body.js';
import { wakes, type WakeOptions } from './body-options.js';
import { Character, encodeCharacter, writeCharacter, type CharacterOptions } from './character.js';
import type { Collider } from './collider.js';
import type { CommandStream } from './command-stream.js';
import { physicsError } from './errors.js';
import { CharacterOperand, PidOperand, VehicleOperand } from './generated/controls.js';
import { Command } from './generated/physics.js';
import { CharacterCollisionList, LISTS } from './list.js';
import { encodePid, Pid, writePid, type PidOptions } from './pid.js';
import type { PropertyOf, Readings, ReadOptions } from './read.js';
import type { Place } from './slots.js';
import {
  encodeVehicle,
  encodeWheel,
  Vehicle,
  writeWords,
  type VehicleOptions,
  type WheelOptions,
} from './vehicle.js';
import { requireArray } from './world-arguments.js';
import { handleWords, WorldReads } from './world-reads.js';

/** What is kept of a controller's slot: which kind it is. */
const KIND = { character: 1, vehicle: 2, pid: 3 } as const;

/** One of them. */
export type Control = Character | Vehicle | Pid;

/** The part of a world that drives bodies. */
export abstract class WorldControls extends WorldReads {
  /**
   * Changes many bodies at once: x, y, z of each in turn, as {@link createBodies} takes them.
   *
   * @throws TypeError, RangeError naming the array and the index that is wrong; the world is then unchanged
   */
  writeBodies(bodies: readonly Body[], changes: BodyChanges, options: WakeOptions = {}): void {
    requireArray('bodies', bodies);
    bodies.forEach((body, index) => this.requireBody(body, `bodies[${index}]`));
    requireChanges(changes, bodies.length);
    writeChanges(this.queue.commands, bodies, changes, wakes(options));
  }

  /** Makes a collider walk: see {@link Character}. */
  createCharacter(collider: Collider, options: CharacterOptions = {}): Character {
    this.commandsForCollider(collider);
    const encoded = encodeCharacter(options);
    const { handle, stream, at } = this.#create(
      KIND.character,
      Command.CREATE_CHARACTER,
      collider,
      CharacterOperand.COUNT,
    );
    writeCharacter(stream, at, encoded);
    return new Character(this.self, handle);
  }

  /** Makes a body the chassis of a vehicle: see {@link Vehicle}. */
  createVehicle(
    chassis: Body,
    options: VehicleOptions & { readonly wheels?: readonly WheelOptions[] } = {},
  ): Vehicle {
    this.requireBody(chassis);
    const words = encodeVehicle(options, ['wheels']);
    const { wheels = [] } = options;
    requireArray('options.wheels', wheels);
    const encoded = wheels.map((wheel, index) => encodeWheel(`options.wheels[${index}]`, wheel));
    const { handle, stream, at } = this.#create(
      KIND.vehicle,
      Command.CREATE_VEHICLE,
      chassis,
      VehicleOperand.COUNT,
    );
    writeWords(stream, at, words);
    const vehicle = new Vehicle(this.self, handle);
    for (const wheel of encoded) vehicle.addEncodedWheel(wheel);
    return vehicle;
  }

  /** Has a controller take a body to where it shall be: see {@link Pid}. */
  createPid(body: Body, options: PidOptions = {}): Pid {
    this.requireBody(body);
    const encoded = encodePid(options);
    const { handle, stream, at } = this.#create(
      KIND.pid,
      Command.CREATE_PID,
      body,
      PidOperand.COUNT,
    );
    writePid(stream, at, encoded);
    return new Pid(this.self, handle);
  }

  #create(kind: number, opcode: number, driven: Place, operands: number) {
    const handle = this.registry.takeControl(kind);
    const stream = this.queue.commands;
    const start = stream.begin(opcode, 4 + operands);
    [handle.slot, handle.generation, driven.slot, driven.generation].forEach((word, index) =>
      stream.word(start + index, word),
    );
    return { handle, stream, at: start + 4 };
  }

  /** The character in a slot, if there is one: after a snapshot was restored. */
  characterAt(slot: number): Character | undefined {
    if (this.registry.controlKind(slot) !== KIND.character) return undefined;
    return new Character(this.self, this.registry.controls.handle(slot));
  }

  /** The vehicle in a slot, if there is one: after a snapshot was restored. */
  vehicleAt(slot: number): Vehicle | undefined {
    if (this.registry.controlKind(slot) !== KIND.vehicle) return undefined;
    return new Vehicle(this.self, this.registry.controls.handle(slot));
  }

  /** @internal */
  wheelCountOf(vehicle: Vehicle): number {
    this.#requireControl(vehicle);
    return this.registry.wheelCount(vehicle.slot);
  }

  /** @internal Notes one more wheel of a vehicle; gives its index. */
  noteWheel(vehicle: Vehicle): number {
    return this.registry.addWheel(vehicle.slot);
  }

  /** The PID controller in a slot, if there is one: after a snapshot was restored. */
  pidAt(slot: number): Pid | undefined {
    if (this.registry.controlKind(slot) !== KIND.pid) return undefined;
    return new Pid(this.self, this.registry.controls.handle(slot));
  }

  #requireControl(control: Control, argument = 'it'): void {
    this.requireOpen();
    const isControl =
      control instanceof Character || control instanceof Vehicle || control instanceof Pid;
    if (!isControl) throw wrongType(argument, 'a controller of this world', control);
    if (control.world !== this.self || !this.registry.controls.isLive(control)) {
      const { slot, generation } = control;
      const message = `${argument} must be a live controller of this world`;
      throw physicsError('physics/dead-handle', message, {
        slot,
        generation,
      });
    }
  }

  /** @internal Begins a command on a controller; gives the index of the first operand after its handle. */
  beginControl(
    control: Control,
    opcode: number,
    operands: number,
  ): { readonly stream: CommandStream; readonly at: number } {
    this.#requireControl(control);
    const stream = this.queue.commands;
    const at = stream.begin(opcode, 2 + operands);
    stream.word(at, control.slot);
    stream.word(at + 1, control.generation);
    return { stream, at: at + 2 };
  }

  /** @internal */
  removeControl(control: Control): void {
    this.beginControl(control, Command.REMOVE_CONTROLLER, 0);
    this.registry.controls.release(control.slot);
  }

  #handles(argument: string, controls: readonly Control[]): Uint32Array {
    requireArray(argument, controls);
    controls.forEach((control, index) => this.#requireControl(control, `${argument}[${index}]`));
    return handleWords(controls);
  }

  /** What the latest moves of characters came to, as {@link readBodies}. */
  readCharacters<P extends PropertyOf<'character'>>(
    characters: readonly Character[],
    properties: readonly P[],
    options: ReadOptions<'character', P> = {},
  ): Promise<Readings<'character', P>> {
    return this.read('character', this.#handles('characters', characters), properties, options);
  }

  /** What characters ran into in their latest moves. */
  readCharacterCollisions(
    characters: readonly Character[],
    options: JobOptions = {},
  ): Promise<CharacterCollisionList> {
    const input = this.#handles('characters', characters);
    const call = { list: LISTS.characterCollisions, input, count: characters.length };
    return this.list(CharacterCollisionList, call, options);
  }

  /** Properties of vehicles, as {@link readBodies}. */
  readVehicles<P extends PropertyOf<'vehicle'>>(
    vehicles: readonly Vehicle[],
    properties: readonly P[],
    options: ReadOptions<'vehicle', P> = {},
  ): Promise<Readings<'vehicle', P>> {
    return this.read('vehicle', this.#handles('vehicles', vehicles), properties, options);
  }

  /** Properties of all wheels of a vehicle, as {@link readBodies}. */
  readWheels<P extends PropertyOf<'wheel'>>(
    vehicle: Vehicle,
    properties: readonly P[],
    options: ReadOptions<'wheel', P> = {},
  ): Promise<Readings<'wheel', P>> {
    this.#requireControl(vehicle, 'vehicle');
    const { slot, generation, wheelCount } = vehicle;
    const things = Uint32Array.from(
      Array.from({ length: wheelCount }, (_, index) => [slot, generation, index]).flat(),
    );
    return this.read('wheel', things, properties, options);
  }

  /** Properties of PID controllers, as {@link readBodies}. */
  readPids<P extends PropertyOf<'pid'>>(
    pids: readonly Pid[],
    properties: readonly P[],
    options: ReadOptions<'pid', P> = {},
  ): Promise<Readings<'pid', P>> {
    return this.read('pid', this.#handles('pids', pids), properties, options);
  }
}
