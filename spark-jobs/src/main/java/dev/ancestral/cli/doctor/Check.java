package dev.ancestral.cli.doctor;

import java.util.List;
import java.util.Optional;

/** Judges one theme. It looks nowhere itself, so it changes nothing. */
interface Check {

  /**
   * Judges what was seen.
   *
   * @param needs of a spec; empty where none was given or it cannot be read
   */
  List<Finding> judge(ClusterSnapshot sight, Optional<Requirements> needs);

  /** The checks in the order in which a person should read them. */
  static List<Check> all() {
    return List.of(
        new SlotsCheck(),
        new ProtectionCheck(),
        new SerializerCheck(),
        new MeshCheck(),
        new NativesCheck(),
        new VersionsCheck(),
        new ThreadsCheck(),
        new GpuCheck(),
        new MemoryCheck(),
        new DiskCheck());
  }
}
