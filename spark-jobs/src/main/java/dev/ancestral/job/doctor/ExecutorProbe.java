package dev.ancestral.job.doctor;

import dev.ancestral.data.Storage;
import dev.ancestral.job.ParallelWork;
import dev.ancestral.job.TaskDevice;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.torch.TorchEngine;
import java.io.File;
import java.io.Serializable;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkEnv;

/**
 * Looks around on an executor: what it can load, and what it sees.
 *
 * @param shared a file that the driver sees and every executor must, or null
 */
record ExecutorProbe(Storage storage, String shared)
    implements ParallelWork.Work<Integer, ExecutorProbe.View> {
  private static final long serialVersionUID = 1L;

  /**
   * What an executor sees.
   *
   * @param executor its id
   * @param java version
   * @param engine description of the engine, or null if it cannot be loaded
   * @param failure why it cannot
   * @param heapBytes of the process
   * @param freeBytes of the disk that natives are unpacked to
   * @param openMpThreads {@code OMP_NUM_THREADS}, or null
   * @param sees whether the shared file is there
   */
  record View(
      String executor,
      String host,
      String java,
      String engine,
      String failure,
      long heapBytes,
      long freeBytes,
      String openMpThreads,
      boolean sees)
      implements Serializable {
    private static final long serialVersionUID = 1L;

    String name() {
      return executor.equals("driver") ? "this process" : "executor " + executor + " on " + host;
    }
  }

  @Override
  public View on(Integer probe) {
    String engine = null;
    String failure = null;
    try (Engine torch =
        TorchEngine.open(new TorchEngine.Options(TaskDevice.assigned(), Precision.FLOAT32))) {
      engine = torch.description();
    } catch (RuntimeException | LinkageError e) {
      failure = e.toString();
    }
    return new View(
        SparkEnv.get().executorId(),
        SparkEnv.get().blockManager().blockManagerId().host(),
        System.getProperty("java.version"),
        engine,
        failure,
        Runtime.getRuntime().maxMemory(),
        new File(System.getProperty("java.io.tmpdir")).getUsableSpace(),
        System.getenv("OMP_NUM_THREADS"),
        shared == null || storage.exists(new Path(shared)));
  }
}
