package dev.ancestral.job.doctor;

import dev.ancestral.Refusal;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.Storage;
import dev.ancestral.job.Outcome;
import dev.ancestral.job.ParallelWork;
import dev.ancestral.job.SparkApplication;
import dev.ancestral.job.spec.JobSpec;
import dev.ancestral.job.spec.SpecFile;
import dev.ancestral.job.train.TrainSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsAction;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Looks at everything that ends or slows a run for reasons outside of it: spec, data, output, Spark
 * and every executor. It changes nothing.
 */
public final class Doctor {
  private static final long LITTLE_DISK = 2L << 30;
  private static final long LITTLE_HEAP = 512L << 20;

  private final SparkApplication application;
  private final Storage storage;
  private final Consumer<Finding> report;
  private final List<Finding> findings = new ArrayList<>();

  /**
   * @param report hears each finding at once
   */
  public Doctor(SparkApplication application, Consumer<Finding> report) {
    this.application = application;
    this.storage = application.storage();
    this.report = report;
  }

  /**
   * Looks at the cluster and, if there is one, at a spec.
   *
   * @return all findings
   */
  public List<Finding> examine(Optional<String> specUri) {
    Optional<JobSpec> spec = Optional.empty();
    if (specUri.isPresent()) {
      spec = spec(specUri.get());
    }
    spec.ifPresent(this::data);
    spec.ifPresent(s -> output(s.output()));
    JavaSparkContext spark;
    try {
      spark = application.context();
    } catch (RuntimeException e) {
      say(Finding.bad("spark", Refusal.Kind.CLUSTER, "does not start: " + Outcome.of(e).message()));
      return findings;
    }
    settings(spark.getConf());
    int slots =
        spark
            .sc()
            .maxNumConcurrentTasks(spark.sc().resourceProfileManager().defaultResourceProfile());
    if (slots == 0) {
      say(
          Finding.bad(
              "slots",
              Refusal.Kind.CLUSTER,
              "no executor is there; check that workers run and have memory and cores free"));
      return findings;
    }
    slots(spark, slots, spec.map(JobSpec::train));
    executors(spark, slots, spec);
    return findings;
  }

  private Optional<JobSpec> spec(String uri) {
    try {
      JobSpec spec = SpecFile.read(storage, uri, Optional.empty());
      say(Finding.good("spec", uri + " is in order"));
      return Optional.of(spec);
    } catch (Refusal refusal) {
      say(Finding.bad("spec", refusal.kind(), refusal.getMessage()));
      return Optional.empty();
    }
  }

  private void data(JobSpec spec) {
    String path = spec.data().path();
    if (!spec.data().prepare().isEmpty()
        && !storage.exists(new Path(storage.path(path), DatasetManifest.FILE))) {
      say(Finding.good("data", "will be prepared in " + path));
      return;
    }
    try {
      Dataset dataset = Dataset.open(storage, path);
      dataset.split("train");
      String splits =
          dataset.manifest().splits().entrySet().stream()
              .map(s -> String.format(Locale.ROOT, "%s %,d", s.getKey(), s.getValue().examples()))
              .collect(Collectors.joining(", "));
      say(Finding.good("data", path + ": " + dataset.event().describe() + "; " + splits));
      if (!dataset.manifest().splits().containsKey("valid")) {
        say(
            Finding.doubtful(
                "data", "there is no split valid: nothing is validated and no best round is kept"));
      }
    } catch (Refusal refusal) {
      say(Finding.bad("data", refusal.kind(), refusal.getMessage()));
    }
  }

  private void output(String uri) {
    Path path = storage.path(uri);
    try {
      Path existing = path;
      while (!storage.exists(existing) && existing.getParent() != null) {
        existing = existing.getParent();
      }
      FileSystem fileSystem = storage.fileSystem(existing);
      fileSystem.access(existing, FsAction.WRITE);
      long free = fileSystem.getStatus(existing).getRemaining();
      String detail = path + " can be written, " + size(free) + " free";
      say(
          free < LITTLE_DISK
              ? Finding.doubtful("output", detail + ": that is little; checkpoints need room")
              : Finding.good("output", detail));
    } catch (Refusal refusal) {
      say(Finding.bad("output", refusal.kind(), refusal.getMessage()));
    } catch (IOException e) {
      say(
          Finding.bad(
              "output",
              Refusal.Kind.SPEC,
              path + " cannot be written (" + e.getMessage() + "); choose another output"));
    }
  }

  private void settings(SparkConf conf) {
    say(Finding.good("spark", conf.get("spark.master")));
    if (conf.getBoolean("spark.speculation", false)) {
      say(
          Finding.doubtful(
              "spark.speculation",
              "is on; a replica that runs twice only slows training: set it to false"));
    }
    boolean secured =
        conf.getBoolean("spark.network.crypto.enabled", false)
            || conf.getBoolean("spark.authenticate", false);
    if (secured) {
      say(
          Finding.doubtful(
              "encryption",
              "Spark authenticates its traffic, Gloo and NCCL do not; set train.transport: spark to"
                  + " keep every exchange within Spark"));
    }
  }

  private void slots(JavaSparkContext spark, int slots, Optional<TrainSpec> train) {
    int replicas = train.map(TrainSpec::replicas).orElse(0);
    if (replicas <= slots) {
      say(
          Finding.good(
              "slots", slots + " at once" + (replicas > 0 ? ", " + replicas + " replicas" : "")));
    } else {
      boolean demands =
          train.get().transport() == TrainSpec.TransportKind.GLOO
              || train.get().transport() == TrainSpec.TransportKind.NCCL;
      String detail = slots + " at once for " + replicas + " replicas; ";
      say(
          demands
              ? Finding.bad(
                  "slots",
                  Refusal.Kind.CLUSTER,
                  detail + "give more executors or cores, or set train.transport: spark")
              : Finding.doubtful(
                  "slots", detail + "they take turns, exchanging over Spark's shuffle"));
    }
    if (spark.getConf().getBoolean("spark.dynamicAllocation.enabled", false)) {
      say(
          Finding.doubtful(
              "spark.dynamicAllocation",
              "is on: barrier stages, and so gloo and nccl, do not work; set it to false for"
                  + " training"));
    }
  }

  private void executors(JavaSparkContext spark, int slots, Optional<JobSpec> spec) {
    String shared =
        spec.map(s -> new Path(storage.path(s.data().path()), DatasetManifest.FILE))
            .filter(storage::exists)
            .map(Path::toString)
            .orElse(null);
    Map<String, ExecutorProbe.View> views = new TreeMap<>();
    ParallelWork.run(
        spark,
        "doctor",
        IntStream.range(0, 2 * slots).boxed().toList(),
        new ExecutorProbe(storage, shared),
        (index, view) -> views.put(view.executor(), view));
    views.values().forEach(view -> executor(view, shared));
    long engines = views.values().stream().map(view -> "" + view.engine()).distinct().count();
    long javas = views.values().stream().map(ExecutorProbe.View::java).distinct().count();
    if (engines > 1 || javas > 1) {
      say(
          Finding.doubtful(
              "machines",
              "executors compute differently, so bytes may differ between them; pin"
                  + " ATEN_CPU_CAPABILITY and ONEDNN_MAX_CPU_ISA by spark.executorEnv"));
    }
  }

  private void executor(ExecutorProbe.View view, String shared) {
    if (view.engine() == null) {
      say(
          Finding.bad(
              view.name(),
              Refusal.Kind.CLUSTER,
              "libtorch cannot be loaded ("
                  + view.failure()
                  + "); submit the job jar for this platform, and see that the temporary folder"
                  + " has room and may execute"));
    } else {
      say(
          Finding.good(
              view.name(),
              "java "
                  + view.java()
                  + ", "
                  + view.engine()
                  + ", heap "
                  + size(view.heapBytes())
                  + ", disk "
                  + size(view.freeBytes())));
    }
    if (!view.sees()) {
      say(
          Finding.bad(
              view.name(),
              Refusal.Kind.CLUSTER,
              "does not see "
                  + shared
                  + "; put data and output on a file system that all machines share"));
    }
    if (!"1".equals(view.openMpThreads())) {
      say(
          Finding.doubtful(
              view.name(),
              "OMP_NUM_THREADS is "
                  + (view.openMpThreads() == null ? "not set" : view.openMpThreads())
                  + "; threads will fight for the cores: set it to 1 before the JVM starts"));
    }
    if (view.heapBytes() < LITTLE_HEAP || view.freeBytes() < LITTLE_DISK) {
      say(
          Finding.doubtful(
              view.name(),
              "heap "
                  + size(view.heapBytes())
                  + " and disk "
                  + size(view.freeBytes())
                  + " are little; natives alone unpack to 330 MB"));
    }
  }

  private void say(Finding finding) {
    findings.add(finding);
    report.accept(finding);
  }

  private static String size(long bytes) {
    return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
  }
}
