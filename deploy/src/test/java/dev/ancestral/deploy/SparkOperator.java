package dev.ancestral.deploy;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HostAlias;
import io.fabric8.kubernetes.api.model.Lifecycle;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PodDNSConfig;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What {@code sparkoperator.k8s.io/v1beta2} knows, as its API reference lists it: the keys that we
 * could use, with their types. The schema itself is published in no artifact; types of Kubernetes
 * within it are those of its client.
 */
final class SparkOperator {
  private SparkOperator() {}

  enum Language {
    Java,
    Python,
    Scala,
    R
  }

  enum Mode {
    cluster,
    client
  }

  enum Restart {
    Never,
    Always,
    OnFailure
  }

  enum Concurrency {
    Allow,
    Forbid,
    Replace
  }

  static final class Application {
    public String apiVersion;
    public String kind;
    public ObjectMeta metadata;
    public ApplicationSpec spec;
  }

  static final class ScheduledApplication {
    public String apiVersion;
    public String kind;
    public ObjectMeta metadata;
    public ScheduleSpec spec;
  }

  static final class ScheduleSpec {
    public String schedule;
    public ApplicationSpec template;
    public Boolean suspend;
    public Concurrency concurrencyPolicy;
    public Integer successfulRunHistoryLimit;
    public Integer failedRunHistoryLimit;
  }

  static final class ApplicationSpec {
    public Language type;
    public String sparkVersion;
    public Mode mode;
    public String proxyUser;
    public String image;
    public String imagePullPolicy;
    public List<String> imagePullSecrets;
    public String mainClass;
    public String mainApplicationFile;
    public List<String> arguments;
    public Map<String, String> sparkConf;
    public Map<String, String> hadoopConf;
    public String sparkConfigMap;
    public String hadoopConfigMap;
    public List<Volume> volumes;
    public Driver driver;
    public Executor executor;
    public RestartPolicy restartPolicy;
    public Map<String, String> nodeSelector;
    public String memoryOverheadFactor;
    public Long timeToLiveSeconds;
    public String batchScheduler;

    /** The settings that the operator hands to spark-submit for it. */
    Map<String, String> settings() {
      Map<String, String> settings = new TreeMap<>(sparkConf);
      hadoopConf.forEach((key, value) -> settings.put("spark.hadoop." + key, value));
      settings.put("spark.kubernetes.container.image", image);
      driver.addTo(settings, "driver");
      executor.addTo(settings, "executor");
      settings.put("spark.executor.instances", executor.instances.toString());
      settings.put(
          "spark.kubernetes.authenticate.driver.serviceAccountName", driver.serviceAccount);
      return settings;
    }
  }

  static final class RestartPolicy {
    public Restart type;
    public Integer onSubmissionFailureRetries;
    public Integer onFailureRetries;
    public Long onSubmissionFailureRetryInterval;
    public Long onFailureRetryInterval;
  }

  static class Pod {
    public PodTemplateSpec template;
    public Integer cores;
    public String coreLimit;
    public String coreRequest;
    public String memory;
    public String memoryOverhead;
    public Gpu gpu;
    public String image;
    public List<NamePath> configMaps;
    public List<EnvVar> env;
    public List<EnvFromSource> envFrom;
    public Map<String, String> labels;
    public Map<String, String> annotations;
    public List<VolumeMount> volumeMounts;
    public Affinity affinity;
    public List<Toleration> tolerations;
    public PodSecurityContext podSecurityContext;
    public SecurityContext securityContext;
    public String schedulerName;
    public List<Container> sidecars;
    public List<Container> initContainers;
    public Boolean hostNetwork;
    public Map<String, String> nodeSelector;
    public PodDNSConfig dnsConfig;
    public Long terminationGracePeriodSeconds;
    public String serviceAccount;
    public List<HostAlias> hostAliases;
    public Boolean shareProcessNamespace;
    public String runtimeClassName;
    public String javaOptions;
    public Lifecycle lifecycle;
    public String priorityClassName;

    void addTo(Map<String, String> settings, String role) {
      settings.put("spark." + role + ".cores", cores.toString());
      settings.put("spark." + role + ".memory", memory);
      settings.put("spark." + role + ".memoryOverhead", memoryOverhead);
      settings.put("spark.kubernetes." + role + ".limit.cores", coreLimit);
      labels.forEach(
          (key, value) -> settings.put("spark.kubernetes." + role + ".label." + key, value));
    }
  }

  static final class Driver extends Pod {
    public String podName;
    public String kubernetesMaster;
    public Map<String, String> serviceAnnotations;
    public Map<String, String> serviceLabels;
  }

  static final class Executor extends Pod {
    public Integer instances;
    public Boolean deleteOnTermination;
  }

  static final class Gpu {
    public String name;
    public Long quantity;
  }

  static final class NamePath {
    public String name;
    public String path;
  }
}
