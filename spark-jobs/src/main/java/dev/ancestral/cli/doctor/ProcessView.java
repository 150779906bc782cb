package dev.ancestral.cli.doctor;

import java.io.Serializable;
import java.util.List;

/**
 * A process as it sees itself.
 *
 * @param executor its id
 * @param host that it is on
 * @param versions of what it runs
 * @param natives that it can load
 * @param gpu what it knows of GPUs
 * @param room what it has
 * @param threads that native libraries start
 * @param closedPackages of the JDK that Spark reaches into and may not
 * @param unseen paths of the driver that are not there, or may not be written
 * @param skewMillis how far its clock is off the driver's, beyond the time of the answer
 */
record ProcessView(
    String executor,
    String host,
    Versions versions,
    Natives natives,
    Gpu gpu,
    Room room,
    Threads threads,
    List<String> closedPackages,
    Unseen unseen,
    long skewMillis)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * Versions.
   *
   * @param classes hash of our own classes where they were loaded from
   */
  record Versions(String java, String spark, String scala, String classes) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Native libraries.
   *
   * @param engine description of the engine on the CPU, or null if it cannot be loaded
   * @param failure why it cannot
   * @param cuda version that they were built for, or null
   */
  record Natives(String engine, String failure, String cuda) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /**
   * GPUs.
   *
   * @param installed devices of the machine, assigned or not
   * @param driver its version, or null
   * @param assigned address that Spark gave to the task, or null
   * @param failure why no engine opens on it, or null
   */
  record Gpu(int installed, String driver, String assigned, String failure)
      implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Memory and disk, in bytes.
   *
   * @param heap of the process
   * @param machine memory of the machine or container
   * @param localDisk free where Spark spills and shuffles
   * @param temporaryDisk free where natives are unpacked
   * @param sharedMemory free in /dev/shm
   */
  record Room(long heap, long machine, long localDisk, long temporaryDisk, long sharedMemory)
      implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Environment variables, null where not set.
   *
   * @param cores of the machine
   */
  record Threads(String openMp, String openBlas, int cores) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /**
   * What the driver sees and this process does not, null where there is nothing of the kind.
   *
   * @param data a file of the dataset
   * @param output a folder that cannot be written
   */
  record Unseen(String data, String output) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /** The same process, once it is known how far its clock is off. */
  ProcessView withSkew(long millis) {
    return new ProcessView(
        executor, host, versions, natives, gpu, room, threads, closedPackages, unseen, millis);
  }

  /** What it is called in findings. */
  String name() {
    return executor.equals("driver") ? "this process" : "executor " + executor + " on " + host;
  }
}
