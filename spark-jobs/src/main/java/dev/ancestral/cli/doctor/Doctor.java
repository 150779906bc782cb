package dev.ancestral.cli.doctor;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import dev.ancestral.job.status.ExitStatus;
import dev.ancestral.job.train.backend.TrainingBackendProvider;
import dev.ancestral.spark.CommonArithmetic;
import dev.ancestral.spark.SparkApplication;
import dev.ancestral.spark.TaskRunner;
import dev.ancestral.spark.TaskSlots;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Looks at everything that ends or slows a run for reasons outside of it: spec, data, output, Spark
 * and every executor. It looks first and judges then, and changes nothing.
 */
public final class Doctor {
  private static final int WAIT_SECONDS = 20;
  private static final int PROBES = 3;

  private final SparkApplication application;
  private final Storage storage;
  private final Consumer<Finding> report;
  private final List<Finding> findings = new ArrayList<>();

  /**
   * @param report receives each finding at once
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
    SpecCheck.Result spec =
        specUri
            .map(uri -> new SpecCheck(storage, this::say).at(uri))
            .orElseGet(SpecCheck.Result::nothing);
    // Executors get what a training would ask for.
    spec.needs()
        .ifPresent(
            needs ->
                needs
                    .footprint()
                    .ifPresent(
                        footprint ->
                            application.expect(
                                conf -> footprint.executorBytes(needs.train(), conf))));
    Optional<JavaSparkContext> spark = start();
    spark.flatMap(context -> look(context, spec)).ifPresent(sight -> judge(sight, spec.needs()));
    return findings;
  }

  private void judge(ClusterSnapshot sight, Optional<Requirements> needs) {
    for (Check check : Check.all()) {
      check.judge(sight, needs).forEach(this::say);
    }
  }

  private Optional<JavaSparkContext> start() {
    try {
      JavaSparkContext spark = application.context();
      say(Finding.good("spark", spark.getConf().get("spark.master")));
      return Optional.of(spark);
    } catch (AncestralException silent) {
      return refuse("spark", silent.getMessage());
    } catch (RuntimeException e) {
      return refuse("spark", "does not start: " + ExitStatus.of(e).message());
    }
  }

  private Optional<ClusterSnapshot> look(JavaSparkContext spark, SpecCheck.Result spec) {
    int slots = TaskSlots.await(spark, 0, WAIT_SECONDS);
    if (slots == 0) {
      return refuse(
          "slots",
          "no executor is there"
              + asked(spark.getConf())
              + "; check that workers run and have as much free");
    }
    int expected = spark.isLocal() ? 1 : spark.sc().statusTracker().getExecutorInfos().length - 1;
    ExecutorProbe probe =
        new ExecutorProbe(storage, spec.data().orElse(null), spec.output().orElse(null));
    Map<String, ProcessView> views = new TreeMap<>();
    for (int i = 0; i < PROBES && views.size() < expected; i++) {
      views(spark, 2 * slots, probe).forEach(views::putIfAbsent);
    }
    return Optional.of(
        new ClusterSnapshot(
            spark.getConf(),
            spark.isLocal(),
            slots,
            probe.look(),
            List.copyOf(views.values()),
            expected,
            spec.needs()
                .flatMap(
                    needs ->
                        TrainingBackendProvider.of(needs.train())
                            .flatMap(
                                backend ->
                                    backend.serializerObstacle(spark.getConf(), needs.train()))),
            spec.needs()
                .flatMap(
                    needs ->
                        TrainingBackendProvider.of(needs.train())
                            .flatMap(backend -> backend.obstacle(spark, needs.train()))),
            arithmeticObstacle(spark, views)));
  }

  private static Optional<String> arithmeticObstacle(
      JavaSparkContext spark, Map<String, ProcessView> views) {
    if (views.values().stream().anyMatch(view -> view.natives().engine() == null)) {
      return Optional.empty(); // That they cannot be loaded is said already.
    }
    try {
      CommonArithmetic.of(spark);
      return Optional.empty();
    } catch (AncestralException refusal) {
      return Optional.of(refusal.getMessage());
    }
  }

  private static Map<String, ProcessView> views(
      JavaSparkContext spark, int tasks, ExecutorProbe probe) {
    Map<String, ProcessView> views = new TreeMap<>();
    long before = System.currentTimeMillis();
    TaskRunner.run(
        spark,
        "doctor",
        IntStream.range(0, tasks).boxed().toList(),
        probe,
        (index, answer) ->
            // The first one: a class that cannot be loaded says why only once.
            views.putIfAbsent(
                answer.view().executor(),
                answer
                    .view()
                    .withSkew(skew(before, answer.clockMillis(), System.currentTimeMillis()))));
    return views;
  }

  /** How far a time lies outside of an interval. */
  private static long skew(long from, long time, long to) {
    return time > to ? time - to : Math.min(0, time - from);
  }

  private static String asked(SparkConf conf) {
    return " (each asks for "
        + conf.get("spark.executor.memory", "1g")
        + (conf.contains("spark.executor.cores")
            ? " and " + conf.get("spark.executor.cores") + " cores"
            : "")
        + (conf.contains("spark.executor.resource.gpu.amount")
            ? " and " + conf.get("spark.executor.resource.gpu.amount") + " GPUs"
            : "")
        + ")";
  }

  private <T> Optional<T> refuse(String what, String detail) {
    say(Finding.bad(what, ErrorCode.CLUSTER, detail));
    return Optional.empty();
  }

  private void say(Finding finding) {
    findings.add(finding);
    report.accept(finding);
  }
}
