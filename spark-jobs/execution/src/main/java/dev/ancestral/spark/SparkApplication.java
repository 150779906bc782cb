package dev.ancestral.spark;

import dev.ancestral.data.Storage;
import java.util.function.ToLongFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import scala.Option;
import scala.Tuple2;

/**
 * The Spark application of a command, started when a job first needs it: what can be refused is
 * refused before.
 */
public final class SparkApplication implements AutoCloseable {
  private static final String HADOOP_PREFIX = "spark.hadoop.";

  private final String name;
  private boolean borrowed;
  private SparkSession session;
  private ToLongFunction<SparkConf> expected = conf -> 0;

  private SparkApplication(String name, SparkSession session) {
    this.name = name;
    this.session = session;
    this.borrowed = session != null;
  }

  /**
   * An application that starts when it is needed, configured by spark-submit or, without it, on
   * {@code local[*]}; a session that the process already has is used and left running.
   */
  public static SparkApplication lazily(String name) {
    return new SparkApplication(name, null);
  }

  /** An application that the caller started and will stop. */
  public static SparkApplication of(SparkSession session) {
    SparkInstallation.requireMatch();
    return new SparkApplication(session.sparkContext().appName(), session);
  }

  /** Files of any Hadoop file system, as the application is configured to reach them. */
  public Storage storage() {
    if (session != null) {
      return new Storage(session.sparkContext().hadoopConfiguration());
    }
    return new Storage(hadoop());
  }

  /** The same keys that Spark itself copies when it starts. */
  private static Configuration hadoop() {
    Configuration hadoop = new Configuration();
    for (Tuple2<String, String> entry : new SparkConf().getAll()) {
      if (entry._1().startsWith(HADOOP_PREFIX)) {
        hadoop.set(entry._1().substring(HADOOP_PREFIX.length()), entry._2());
      }
    }
    return hadoop;
  }

  /** The session, started if it is not running. */
  public synchronized SparkSession session() {
    if (session == null) {
      SparkInstallation.requireMatch();
      Option<SparkSession> running = SparkSession.getDefaultSession();
      borrowed = running.isDefined() && !running.get().sparkContext().isStopped();
      session = borrowed ? running.get() : start();
    }
    return session;
  }

  /** The context of {@link #session}. */
  public JavaSparkContext context() {
    return JavaSparkContext.fromSparkContext(session().sparkContext());
  }

  /**
   * Says what executors will need: where a resource manager holds them to what they ask for, they
   * are started with as much, unless the user has set {@value MemoryOverhead#KEY}. It has no effect
   * on a session that runs.
   *
   * @param bytes outside of the heap, by the configuration that they are started with
   */
  public synchronized void expect(ToLongFunction<SparkConf> bytes) {
    expected = bytes;
  }

  /** Stops the application if this object started it. */
  @Override
  public synchronized void close() {
    if (session != null && !borrowed) {
      session.stop();
      session = null;
    }
  }

  /** What hands an exit status on from a driver that a resource manager runs. */
  public static SparkException failure(int status) {
    return SparkVersions.userFailure(status);
  }

  private SparkSession start() {
    SparkConf conf = new SparkConf();
    conf.setIfMissing("spark.app.name", "ancestral " + name);
    conf.setIfMissing("spark.master", "local[*]");
    conf.setIfMissing("spark.ui.showConsoleProgress", "false");
    // One single-threaded task a core: the natives' own thread pools would fight for them.
    ArithmeticEnvironment.provide(conf, System.getenv());
    if (conf.get("spark.master").startsWith("local")) {
      conf.setIfMissing("spark.ui.enabled", "false");
      conf.setIfMissing("spark.driver.host", "localhost");
      conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
    }
    new MasterProbe(conf, hadoop()).requireAnswer();
    if (MemoryOverhead.isEnforced(conf)) {
      MemoryOverhead.provide(conf, expected.applyAsLong(conf));
    }
    SparkSession started = SparkSession.builder().config(conf).getOrCreate();
    started.sparkContext().setLogLevel("WARN");
    return started;
  }
}
