package dev.ancestral.cli.doctor;

import com.sun.management.OperatingSystemMXBean;
import dev.ancestral.Failures;
import dev.ancestral.data.Storage;
import dev.ancestral.spark.ExecutorLocation;
import dev.ancestral.spark.SparkInstallation;
import dev.ancestral.spark.TaskDevice;
import dev.ancestral.spark.TaskRunner;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.torch.TorchArithmetic;
import dev.ancestral.tensor.torch.TorchEngine;
import dev.ancestral.tensor.torch.TorchNatives;
import java.io.File;
import java.io.IOException;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.launcher.JavaModuleOptions;

/**
 * Looks around in the process that it runs in: what it can load, and what it sees.
 *
 * @param data a file that the driver sees and every executor must, or null
 * @param output a folder that the driver can write and every executor must, or null
 */
record ExecutorProbe(Storage storage, String data, String output)
    implements TaskRunner.Work<Integer, ExecutorProbe.Answer> {
  private static final long serialVersionUID = 1L;
  private static final Pattern OPENED = Pattern.compile("--add-opens=([\\w.]+)/([\\w.]+)=");
  private static final Pattern DRIVER = Pattern.compile("Kernel Module\\D*([0-9]+(?:\\.[0-9]+)+)");
  private static final File GPU_DRIVER = new File("/proc/driver/nvidia/version");
  private static final File SHARED_MEMORY = new File("/dev/shm");

  /**
   * What a task comes back with.
   *
   * @param view with a skew of 0
   * @param clockMillis when it looked, by its own clock
   */
  record Answer(ProcessView view, long clockMillis) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  @Override
  public Answer on(Integer probe) {
    return new Answer(look(), System.currentTimeMillis());
  }

  /** Looks around here. */
  ProcessView look() {
    ExecutorLocation here = ExecutorLocation.here();
    ProcessView.Natives natives = natives();
    return new ProcessView(
        here.executor(),
        here.host(),
        new ProcessView.Versions(
            System.getProperty("java.version"),
            SparkInstallation.version(),
            SparkInstallation.scalaVersion(),
            OwnClasses.hash()),
        natives,
        gpu(natives),
        new ProcessView.Room(
            Runtime.getRuntime().maxMemory(),
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize(),
            SparkInstallation.localDirectories().stream()
                .mapToLong(File::getUsableSpace)
                .min()
                .orElse(0),
            new File(System.getProperty("java.io.tmpdir")).getUsableSpace(),
            SHARED_MEMORY.getUsableSpace()),
        new ProcessView.Threads(
            System.getenv("OMP_NUM_THREADS"),
            System.getenv("OPENBLAS_NUM_THREADS"),
            Runtime.getRuntime().availableProcessors()),
        closedPackages(),
        new ProcessView.Unseen(
            data == null || storage.exists(new Path(data)) ? null : data,
            output == null || WriteProbe.obstacle(storage, new Path(output)).isEmpty()
                ? null
                : output),
        0);
  }

  private static ProcessView.Natives natives() {
    try (Engine torch = engine(Device.cpu())) {
      return new ProcessView.Natives(
          torch.description() + ", " + TorchArithmetic.inUse().describe(),
          null,
          TorchNatives.loaded().cuda().orElse(null));
    } catch (RuntimeException | LinkageError e) {
      return new ProcessView.Natives(null, Failures.firstLine(Failures.root(e).toString()), null);
    }
  }

  private static ProcessView.Gpu gpu(ProcessView.Natives natives) {
    Device device = TaskContext.get() == null ? Device.cpu() : TaskDevice.assigned();
    String assigned = device.kind() == Device.Kind.CUDA ? "" + device.index() : null;
    String failure = null;
    if (assigned != null && natives.cuda() != null) {
      try (Engine torch = engine(device)) {
        torch.vector(1).close();
      } catch (RuntimeException | LinkageError e) {
        failure = Failures.firstLine(Failures.root(e).toString());
      }
    }
    String[] devices = new File("/dev").list((folder, name) -> name.matches("nvidia[0-9]+"));
    return new ProcessView.Gpu(
        devices == null ? 0 : devices.length, driver().orElse(null), assigned, failure);
  }

  private static Engine engine(Device device) {
    return TorchEngine.open(new TorchEngine.Options(device, Precision.FLOAT32));
  }

  private static Optional<String> driver() {
    try {
      Matcher version = DRIVER.matcher(Files.readString(GPU_DRIVER.toPath()));
      return version.find() ? Optional.of(version.group(1)) : Optional.empty();
    } catch (IOException none) {
      return Optional.empty();
    }
  }

  /** What spark-submit would have opened and is closed. */
  private static List<String> closedPackages() {
    List<String> closed = new ArrayList<>();
    Module own = ExecutorProbe.class.getModule();
    Matcher opened = OPENED.matcher(JavaModuleOptions.defaultModuleOptions());
    while (opened.find()) {
      String packageName = opened.group(2);
      boolean open =
          ModuleLayer.boot()
              .findModule(opened.group(1))
              // A package that this Java does not have needs no opening.
              .map(
                  module ->
                      !module.getPackages().contains(packageName)
                          || module.isOpen(packageName, own))
              .orElse(true);
      if (!open) {
        closed.add(opened.group(1) + "/" + packageName);
      }
    }
    return closed;
  }
}
