/**
 * The part of capnp-es that generated code names, bundled with the SDK: the packages' builds put it in capnp-es's
 * place, so that a page loads that part once and none of the rest.
 */
export {
  Data,
  getBitMask,
  List,
  ObjectSize,
  Orphan,
  Pointer,
  Struct,
  Uint32List,
  utils,
} from 'capnp-es';
