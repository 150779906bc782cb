package dev.ancestral.job;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.master.Master;
import org.apache.spark.deploy.worker.Worker;
import org.apache.spark.rpc.RpcEnv;
import scala.Option;

/**
 * A standalone master, and workers under addresses of their own, inside this JVM; their executors
 * are JVMs of their own. Spark starts a second copy of a slow task only on another host.
 */
public final class StandaloneHosts implements AutoCloseable {
  private static final int MEGABYTES = 900;

  private final List<RpcEnv> environments = new ArrayList<>();
  private final String url;

  /**
   * Starts them.
   *
   * @param work folder of the executors
   * @param hosts addresses of the loopback network
   */
  public StandaloneHosts(Path work, int cores, String... hosts) {
    SparkConf conf = new SparkConf();
    RpcEnv master = Master.startRpcEnvAndEndpoint("127.0.0.1", 0, 0, conf)._1();
    environments.add(master);
    url = "spark://127.0.0.1:" + master.address().port();
    for (int i = 0; i < hosts.length; i++) {
      environments.add(
          Worker.startRpcEnvAndEndpoint(
              hosts[i],
              0,
              0,
              cores,
              MEGABYTES,
              new String[] {url},
              work.resolve("worker-" + i).toString(),
              Option.apply(i),
              conf,
              Option.empty()));
    }
  }

  /** For {@code spark.master}. */
  public String url() {
    return url;
  }

  @Override
  public void close() {
    Collections.reverse(environments); // The master last.
    for (RpcEnv environment : environments) {
      environment.shutdown();
      environment.awaitTermination();
    }
  }
}
