package dev.ancestral.cli.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Storage;
import dev.ancestral.job.LocalSpark;
import dev.ancestral.job.train.replica.MemoryEstimate;
import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.spark.SparkInstallation;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One fact of a sound cluster is spoilt at a time: exactly that is found, with status 5. The facts
 * are those of this process, looked up as on an executor.
 */
class InjectedFaultsTest {
  private static final MemoryEstimate SMALL =
      new MemoryEstimate(400_000, 1_200_000, 1_200_000, 100_000, 10 << 20);

  private static final Pattern ENCRYPTING =
      Pattern.compile("spark\\.network\\.crypto\\.enabled\\W+true");
  private static final Pattern GCM =
      Pattern.compile("spark\\.network\\.crypto\\.cipher\\W+AES/GCM");
  private static ProcessView own;

  @BeforeAll
  static void look() {
    LocalSpark.session();
    own = new ExecutorProbe(new Storage(new Configuration()), null, null).look();
  }

  /**
   * A fault.
   *
   * @param train keys under {@code train:} with which it matters
   * @param said in the message: what is wrong, and how to mend it
   */
  private record Fault(
      String name,
      UnaryOperator<ClusterSnapshot> injected,
      Map<String, Object> train,
      String... said) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Fault fault(
      String name,
      UnaryOperator<ClusterSnapshot> injected,
      Map<String, Object> train,
      String... said) {
    return new Fault(name, injected, train, said);
  }

  private static Fault fault(String name, UnaryOperator<ClusterSnapshot> injected, String... said) {
    return fault(name, injected, Map.of(), said);
  }

  static Stream<Fault> faults() {
    return Stream.of(
        fault(
            "too few slots",
            sight -> with(sight, "slots", 2),
            Map.of("replicas", 5, "transport", "gloo"),
            "slots: 2 at once for 5 replicas",
            "give more executors or cores"),
        fault(
            "dynamic allocation",
            conf("spark.dynamicAllocation.enabled", "true"),
            Map.of("transport", "gloo"),
            "spark.dynamicAllocation.enabled: is true",
            "set it to false"),
        fault(
            "authentication",
            conf("spark.authenticate", "true"),
            Map.of("transport", "gloo"),
            "protection: the cluster demands protected traffic (spark.authenticate)",
            "train.allowPlainCollectives: true"),
        fault(
            "encryption",
            conf("spark.network.crypto.enabled", "true"),
            Map.of("transport", "gloo"),
            "(spark.network.crypto.enabled)",
            "set train.transport: spark"),
        fault(
            "encrypted files",
            conf("spark.io.encryption.enabled", "true"),
            Map.of("transport", "gloo"),
            "(spark.io.encryption.enabled)"),
        fault(
            "TLS",
            conf("spark.ssl.enabled", "true"),
            Map.of("transport", "gloo"),
            "(spark.ssl.enabled)"),
        fault(
            "serializer",
            sight -> with(sight, "serializerObstacle", Optional.of("spark.serializer is Kryo")),
            "serializer: spark.serializer is Kryo"),
        fault(
            "datagrams that do not pass",
            sight -> with(sight, "meshObstacle", Optional.of("UDP datagrams are not answered")),
            Map.of("engine", "dl4j", "strategy", "gradient-sharing"),
            "datagrams: UDP datagrams are not answered"),
        fault(
            "kernels that differ",
            sight ->
                with(sight, "arithmeticObstacle", Optional.of("executors compute differently")),
            "machines: executors compute differently"),
        fault(
            "natives that do not load",
            view(
                "natives",
                new ProcessView.Natives(null, "UnsatisfiedLinkError: no jnitorch", null)),
            "executor 1 on worker: libtorch cannot be loaded (UnsatisfiedLinkError: no jnitorch)",
            "submit the job jar for this platform"),
        fault(
            "closed packages",
            view("closedPackages", List.of("java.base/sun.nio.ch")),
            "executor 1 on worker: Java keeps Spark out of java.base/sun.nio.ch",
            "spark.executor.extraJavaOptions --add-opens"),
        fault(
            "other classes",
            view("versions.classes", "0123456789"),
            "executor 1 on worker: loads other classes of Ancestral than the driver (sha256"
                + " 01234567"),
        fault(
            "another Spark",
            view("versions.spark", "3.4.1"),
            "executor 1 on worker: runs Spark 3.4.1, the driver " + SparkInstallation.version(),
            "install one version"),
        fault("another Java", view("versions.java", "21.0.2"), "runs Java 21, the driver 17"),
        fault("another Scala", view("versions.scala", "2.13.8"), "runs Scala 2.13.8"),
        fault(
            "a Spark that this is not built for",
            sight -> everywhere(sight, "versions.spark", "3.3.0"),
            "versions: Spark is 3.3.0",
            "set SPARK_HOME"),
        fault(
            "a clock behind",
            view("skewMillis", -90_000L),
            "its clock is 90 s behind the driver's",
            "NTP"),
        fault("a clock ahead", view("skewMillis", 61_000L), "its clock is 61 s ahead of"),
        fault(
            "OpenMP's threads",
            view("threads.openMp", "16"),
            "OMP_NUM_THREADS is 16",
            "spark.executorEnv.OMP_NUM_THREADS=1"),
        fault(
            "OpenBLAS's threads",
            view("threads.openBlas", null),
            "OPENBLAS_NUM_THREADS is not set",
            "spark.executorEnv.OPENBLAS_NUM_THREADS=1"),
        fault(
            "no GPU asked of Spark",
            sight -> sight,
            Map.of("device", "cuda"),
            "gpu: device is cuda but Spark is not told to assign GPUs",
            "spark.task.resource.gpu.amount=1"),
        fault(
            "no GPU assigned",
            conf("spark.task.resource.gpu.amount", "1"),
            Map.of("device", "cuda"),
            "Spark assigned no GPU to its task"),
        fault(
            "half a GPU",
            sight ->
                gpu(
                    conf("spark.task.resource.gpu.amount", "0.5").apply(sight),
                    new ProcessView.Gpu(1, "580.65.06", "0", null),
                    "13.1"),
            Map.of("transport", "nccl"),
            "spark.task.resource.gpu.amount: is 0.5",
            "set it to 1"),
        fault(
            "natives of the CPU",
            sight -> gpu(sight, new ProcessView.Gpu(1, "580.65.06", "0", null), null),
            "Spark assigned GPU 0 but the natives are those of the CPU",
            "mvn -Pgpu package"),
        fault(
            "an old NVIDIA driver",
            sight -> gpu(sight, new ProcessView.Gpu(1, "535.104.05", "0", null), "13.1"),
            "the NVIDIA driver is 535.104.05 and the natives are built for CUDA 13.1",
            "needs 580 or later"),
        fault(
            "a GPU that does not work",
            sight -> gpu(sight, new ProcessView.Gpu(1, "580.65.06", "0", "no libcudart"), "13.1"),
            "GPU 0 cannot be used (no libcudart)",
            "nvidia-smi"),
        fault(
            "little shared memory",
            sight ->
                everywhere(
                    gpu(
                        conf("spark.task.resource.gpu.amount", "1").apply(sight),
                        new ProcessView.Gpu(1, "580.65.06", "0", null),
                        "13.1"),
                    "room.sharedMemory",
                    64L << 20),
            Map.of("transport", "nccl"),
            "/dev/shm has 67 MB free",
            "--shm-size=1g"),
        fault(
            "a small heap",
            view("room.heap", 200L << 20),
            "its heap is 210 MB and 2 replicas of 400,000 parameters and batches of 100 need about",
            "set spark.executor.memory="),
        fault(
            "a small overhead of a container",
            sight ->
                conf("spark.executor.memoryOverhead", "100m")
                    .apply(conf("spark.master", "yarn").apply(sight)),
            "spark.executor.memoryOverhead: is 100m and 2 replicas",
            "set spark.executor.memoryOverhead=541m"),
        fault(
            "the overhead that Spark gives by itself",
            conf("spark.master", "k8s://https://host"),
            "spark.executor.memoryOverhead: is 384m"),
        fault(
            "more memory given out than there is",
            sight -> everywhere(sight, "room.machine", 2L << 30),
            "memory: worker has 2.1 GB and its 2 executors take",
            "give fewer executors a machine"),
        fault(
            "a full local disk",
            view("room.localDisk", 10L << 20),
            "executor 1 on worker: spark.local.dir has 10 MB free",
            "make room"),
        fault(
            "a full temporary disk",
            view("room.temporaryDisk", 10L << 20),
            "java.io.tmpdir has 10 MB free"),
        fault(
            "data that only the driver sees",
            view("unseen", new ProcessView.Unseen("file:/data/manifest.json", null)),
            "does not see file:/data/manifest.json",
            "a file system that all machines share"),
        fault(
            "an output that executors cannot write",
            view("unseen", new ProcessView.Unseen(null, "file:/out")),
            "cannot write in file:/out"));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void each_fault_has_its_own_message_and_status_5(Fault fault) {
    List<Finding> problems = problems(fault.injected().apply(sound()), fault.train());
    assertEquals(1, problems.stream().map(Finding::detail).distinct().count(), () -> "" + problems);
    Finding found = problems.get(0);
    assertEquals(ErrorCode.CLUSTER, found.refusal().orElseThrow());
    assertEquals(5, found.refusal().orElseThrow().status());
    String line = found.what() + ": " + found.detail();
    for (String said : fault.said()) {
      assertTrue(line.contains(said), () -> "'" + said + "' is not in: " + line);
    }
  }

  @Test
  void the_sound_cluster_has_none_of_them() {
    assertEquals(List.of(), problems(sound(), Map.of()));
    assertEquals(List.of(), problems(sound(), Map.of("transport", "gloo")));
    assertEquals(List.of(), problems(sound(), Map.of("transport", "spark")));
  }

  @ParameterizedTest
  @CsvSource({
    "true, , does not tell when it was altered",
    "true, AES/CTR/NoPadding, does not tell when it was altered",
    "true, AES/GCM/NoPadding, SPARK-56227",
    "false, AES/CTR/NoPadding,"
  })
  void what_the_cipher_of_spark_does_not_do_is_noted(String encrypted, String cipher, String said) {
    ClusterSnapshot sight = conf("spark.network.crypto.enabled", encrypted).apply(sound());
    if (cipher != null) {
      sight = conf("spark.network.crypto.cipher", cipher).apply(sight);
    }
    List<String> notes =
        new ProtectionCheck()
            .judge(sight, Optional.empty()).stream()
                .map(Finding::line)
                .filter(line -> line.startsWith("note     spark.network.crypto.cipher: is AES/"))
                .toList();
    assertEquals(said == null ? 0 : 1, notes.size());
    assertTrue(notes.stream().allMatch(line -> line.contains(said)), notes::toString);
  }

  /** Comments too: they are there to be taken over. */
  @Test
  void no_shipped_setting_takes_a_cipher_with_which_spark_hangs() throws IOException {
    List<String> with = new ArrayList<>();
    int files = 0;
    try (Stream<java.nio.file.Path> all = Files.walk(java.nio.file.Path.of("..", "deploy"))) {
      for (java.nio.file.Path file : all.filter(InjectedFaultsTest::isShipped).toList()) {
        String text = Files.readString(file);
        files += ENCRYPTING.matcher(text).find() ? 1 : 0;
        if (GCM.matcher(text).find()) {
          with.add(file.toString());
        }
      }
    }
    assertTrue(files > 0);
    assertEquals(List.of(), with);
  }

  private static boolean isShipped(java.nio.file.Path file) {
    return Files.isRegularFile(file)
        && file.toString().matches(".*(\\.(md|ya?ml|conf|example|py|sh|properties)|/[^.]+)")
        && !file.toString().matches(".*/(target|src|adr)/.*");
  }

  @Test
  void what_auto_can_work_around_is_no_problem() {
    for (UnaryOperator<ClusterSnapshot> injected :
        List.of(
            conf("spark.authenticate", "true"),
            conf("spark.dynamicAllocation.enabled", "true"),
            (UnaryOperator<ClusterSnapshot>) sight -> with(sight, "slots", 1))) {
      assertEquals(List.of(), problems(injected.apply(sound()), Map.of("transport", "auto")));
    }
    Map<String, Object> allowed = Map.of("transport", "gloo", "allowPlainCollectives", true);
    assertEquals(List.of(), problems(conf("spark.authenticate", "true").apply(sound()), allowed));
  }

  @Test
  void a_full_output_disk_is_a_problem() {
    Finding finding = SpecCheck.room(new Path("/out"), 1_000_000, 5_000_000_000L, 5);
    assertEquals(ErrorCode.CLUSTER, finding.refusal().orElseThrow());
    assertTrue(
        finding.detail().contains("1 MB free but 5 checkpoints take about 5.0 GB"),
        finding.detail());
  }

  private static List<Finding> problems(ClusterSnapshot sight, Map<String, Object> train) {
    Map<String, Object> keys = new LinkedHashMap<>(Map.of("replicas", 2));
    keys.putAll(train);
    Settings settings = Settings.of(keys);
    Requirements needs = new Requirements(TrainSpec.read(settings), Optional.of(SMALL));
    assertEquals(List.of(), settings.problems());
    return Check.all().stream()
        .flatMap(check -> check.judge(sight, Optional.of(needs)).stream())
        .filter(finding -> finding.refusal().isPresent())
        .toList();
  }

  /** Two executors of two slots on one other machine, as this process is. */
  private static ClusterSnapshot sound() {
    ProcessView executor =
        with(
            with(
                with(
                    with(own, "host", "worker"),
                    "room",
                    new ProcessView.Room(2L << 30, 32L << 30, 9L << 30, 9L << 30, 8L << 30)),
                "threads",
                new ProcessView.Threads("1", "1", 8)),
            "versions.java",
            "17.0.9");
    return new ClusterSnapshot(
        new SparkConf(false).set("spark.master", "spark://master:7077"),
        false,
        4,
        with(own, "versions.java", "17.0.8"),
        List.of(with(executor, "executor", "0"), with(executor, "executor", "1")),
        2,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static UnaryOperator<ClusterSnapshot> conf(String key, String value) {
    return sight -> with(sight, "conf", sight.conf().clone().set(key, value));
  }

  /** Something else in the second executor. */
  private static UnaryOperator<ClusterSnapshot> view(String component, Object value) {
    return sight ->
        with(
            sight,
            "executors",
            List.of(sight.executors().get(0), with(sight.executors().get(1), component, value)));
  }

  private static ClusterSnapshot everywhere(ClusterSnapshot sight, String component, Object value) {
    ClusterSnapshot changed = with(sight, "driver", with(sight.driver(), component, value));
    return with(
        changed,
        "executors",
        sight.executors().stream().map(view -> with(view, component, value)).toList());
  }

  private static ClusterSnapshot gpu(ClusterSnapshot sight, ProcessView.Gpu gpu, String cuda) {
    return everywhere(everywhere(sight, "gpu", gpu), "natives.cuda", cuda);
  }

  /** A record with one component, or a component's component, replaced. */
  private static <R extends Record> R with(R record, String path, Object value) {
    int dot = path.indexOf('.');
    String name = dot < 0 ? path : path.substring(0, dot);
    try {
      RecordComponent[] components = record.getClass().getRecordComponents();
      Object[] values = new Object[components.length];
      boolean found = false;
      for (int i = 0; i < values.length; i++) {
        java.lang.reflect.Method accessor = components[i].getAccessor();
        accessor.setAccessible(true);
        values[i] = accessor.invoke(record);
        if (components[i].getName().equals(name)) {
          values[i] = dot < 0 ? value : with((Record) values[i], path.substring(dot + 1), value);
          found = true;
        }
      }
      assertTrue(found, () -> record.getClass().getSimpleName() + " has no " + name);
      @SuppressWarnings("unchecked") // The class of the record.
      Constructor<R> constructor =
          (Constructor<R>)
              record
                  .getClass()
                  .getDeclaredConstructor(
                      Arrays.stream(components)
                          .map(RecordComponent::getType)
                          .toArray(Class<?>[]::new));
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
