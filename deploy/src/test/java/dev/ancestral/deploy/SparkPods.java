package dev.ancestral.deploy;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.util.Map;
import org.apache.spark.SecurityManager;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.k8s.KubernetesConf$;
import org.apache.spark.deploy.k8s.KubernetesDriverSpec;
import org.apache.spark.deploy.k8s.KubernetesExecutorSpec;
import org.apache.spark.deploy.k8s.SparkPod;
import org.apache.spark.deploy.k8s.submit.JavaMainAppResource;
import org.apache.spark.deploy.k8s.submit.KubernetesDriverBuilder;
import org.apache.spark.internal.config.package$;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.ResourceProfile$;
import org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBuilder;
import scala.Option;

/**
 * The pods that Spark makes of settings and templates, by its own builders and without a server.
 *
 * @param pod what runs beside the container of Spark
 * @param container that of Spark
 */
record SparkPods(Pod pod, Container container) {
  private static final String APPLICATION = "spark-0123456789abcdef";

  /** A driver in cluster mode. */
  static SparkPods driver(Map<String, String> settings, String jar, String... arguments) {
    try (KubernetesClient client = client()) {
      KubernetesDriverSpec spec =
          new KubernetesDriverBuilder()
              .buildFromFeatures(
                  KubernetesConf$.MODULE$.createDriverConf(
                      conf(settings),
                      APPLICATION,
                      new JavaMainAppResource(Option.apply(jar)),
                      "dev.ancestral.job.Main",
                      arguments,
                      Option.empty()),
                  client);
      return of(spec.pod());
    }
  }

  /** An executor of a driver that is in the cluster. */
  static SparkPods executor(Map<String, String> settings) {
    SparkConf conf =
        conf(settings)
            .set("spark.driver.host", "driver.ancestral.svc")
            .set("spark.driver.port", "7078")
            .set("spark.app.name", "ancestral")
            .set("spark.app.id", APPLICATION);
    SecurityManager security =
        new SecurityManager(conf, Option.empty(), package$.MODULE$.AUTH_SECRET_FILE());
    security.initializeAuth();
    ResourceProfile$.MODULE$.clearDefaultProfile(); // of the settings before
    ResourceProfile profile = ResourceProfile$.MODULE$.getOrCreateDefaultProfile(conf);
    try (KubernetesClient client = client()) {
      KubernetesExecutorSpec spec =
          new KubernetesExecutorBuilder()
              .buildFromFeatures(
                  KubernetesConf$.MODULE$.createExecutorConf(
                      conf, "1", APPLICATION, Option.empty(), profile.id()),
                  security,
                  client,
                  profile);
      return of(spec.pod());
    }
  }

  private static SparkPods of(SparkPod pod) {
    return new SparkPods(pod.pod(), pod.container());
  }

  private static SparkConf conf(Map<String, String> settings) {
    SparkConf conf = new SparkConf(false).set("spark.master", "k8s://https://127.0.0.1:1");
    settings.forEach(conf::set);
    return conf;
  }

  /** It only reads files. */
  private static KubernetesClient client() {
    return new KubernetesClientBuilder()
        .withConfig(new ConfigBuilder().withMasterUrl("https://127.0.0.1:1").build())
        .build();
  }
}
