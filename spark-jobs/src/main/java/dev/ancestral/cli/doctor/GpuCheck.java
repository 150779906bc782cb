package dev.ancestral.cli.doctor;

import dev.ancestral.ErrorCode;
import dev.ancestral.job.train.spec.TrainSpec.DeviceChoice;
import dev.ancestral.job.train.spec.TransportKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** GPUs asked for, assigned and usable, and what NCCL needs besides. */
final class GpuCheck implements Check {
  private static final String ASK =
      "start with --conf spark.executor.resource.gpu.amount=N, --conf"
          + " spark.task.resource.gpu.amount=1 and a discovery script (deploy/gpu)";
  private static final String TASK_AMOUNT = "spark.task.resource.gpu.amount";

  /** The least driver that runs a CUDA of this major version. */
  private static final Map<Integer, Integer> LEAST_DRIVER = Map.of(11, 450, 12, 525, 13, 580);

  private static final long ENOUGH_SHARED_MEMORY = 512L << 20;

  @Override
  public List<Finding> judge(ClusterSnapshot sight, Optional<Requirements> needs) {
    List<Finding> findings = new ArrayList<>();
    boolean nccl =
        needs.flatMap(Requirements::transport).filter(TransportKind::needsDevices).isPresent();
    boolean demanded =
        nccl || needs.map(n -> n.train().device() == DeviceChoice.CUDA).orElse(false);
    boolean refused = needs.map(n -> n.train().device() == DeviceChoice.CPU).orElse(false);
    if (refused && !nccl) {
      return List.of(Finding.good("gpu", "not asked for: device is cpu"));
    }
    if (demanded && !sight.conf().contains(TASK_AMOUNT)) {
      findings.add(
          Finding.bad(
              "gpu",
              ErrorCode.CLUSTER,
              (nccl ? "transport is " + needs.get().train().transport() : "device is cuda")
                  + " but Spark is not told to assign GPUs; "
                  + ASK
                  + ", or set device: cpu"));
      return findings;
    }
    if (sight.conf().contains(TASK_AMOUNT) && sight.conf().getDouble(TASK_AMOUNT, 1) != 1) {
      String detail =
          "is "
              + sight.conf().get(TASK_AMOUNT)
              + "; a replica computes on one device of its own: set it to 1";
      findings.add(
          nccl
              ? Finding.bad(TASK_AMOUNT, ErrorCode.CLUSTER, detail)
              : Finding.doubtful(TASK_AMOUNT, detail));
    }
    for (ProcessView view : sight.executors()) {
      device(view, demanded).ifPresent(findings::add);
      if (nccl && view.room().sharedMemory() < ENOUGH_SHARED_MEMORY) {
        findings.add(
            Finding.bad(
                view.name(),
                ErrorCode.CLUSTER,
                "/dev/shm has "
                    + Sizes.of(view.room().sharedMemory())
                    + " free, in which NCCL's processes of one machine meet; start the container"
                    + " with --shm-size=1g, or mount a memory volume at /dev/shm"));
      }
    }
    if (findings.isEmpty()) {
      long assigned =
          sight.executors().stream().filter(view -> view.gpu().assigned() != null).count();
      findings.add(
          Finding.good("gpu", assigned == 0 ? "none, computing on CPUs" : "assigned and usable"));
    }
    return findings;
  }

  private static Optional<Finding> device(ProcessView view, boolean demanded) {
    ProcessView.Gpu gpu = view.gpu();
    if (gpu.assigned() == null) {
      if (demanded) {
        return bad(view, "Spark assigned no GPU to its task; " + ASK);
      }
      return gpu.installed() == 0
          ? Optional.empty()
          : Optional.of(
              Finding.doubtful(
                  view.name(),
                  "its machine has "
                      + gpu.installed()
                      + " GPUs that Spark does not assign, so it computes on the CPU; "
                      + ASK));
    }
    String cuda = view.natives().cuda();
    if (cuda == null) {
      return bad(
          view,
          "Spark assigned GPU "
              + gpu.assigned()
              + " but the natives are those of the CPU; submit the job jar that is built by mvn"
              + " -Pgpu package, or set device: cpu");
    }
    Integer least = LEAST_DRIVER.get(major(cuda));
    if (gpu.driver() != null && least != null && major(gpu.driver()) < least) {
      return bad(
          view,
          "the NVIDIA driver is "
              + gpu.driver()
              + " and the natives are built for CUDA "
              + cuda
              + ", which needs "
              + least
              + " or later; install that driver");
    }
    return gpu.failure() == null
        ? Optional.empty()
        : bad(
            view,
            "GPU "
                + gpu.assigned()
                + " cannot be used ("
                + gpu.failure()
                + "); see that the CUDA "
                + cuda
                + " libraries are installed and the driver runs (nvidia-smi)");
  }

  private static Optional<Finding> bad(ProcessView view, String detail) {
    return Optional.of(Finding.bad(view.name(), ErrorCode.CLUSTER, detail));
  }

  /** 13 of {@code 13.1}; 0 of what is no version. */
  private static int major(String version) {
    String digits = version.split("\\.", 2)[0];
    return digits.matches("[0-9]{1,5}") ? Integer.parseInt(digits) : 0;
  }
}
