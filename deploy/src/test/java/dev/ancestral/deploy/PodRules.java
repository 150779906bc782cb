package dev.ancestral.deploy;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a pod of an application may: the level "restricted" of Kubernetes' Pod Security Standards,
 * and beyond it a root file system that is only read, an image by its digest, a limit to every
 * resource, and a token for drivers alone.
 */
final class PodRules {
  private static final List<String> RESOURCES = List.of("cpu", "memory", "ephemeral-storage");

  private final List<String> broken = new ArrayList<>();

  private PodRules() {}

  /** The rules that a pod breaks. */
  static List<String> broken(SparkPods pod, boolean driver) {
    PodRules rules = new PodRules();
    PodSpec spec = pod.pod().getSpec();
    rules.pod(spec, driver);
    List<Container> containers =
        Stream.of(List.of(pod.container()), spec.getContainers(), spec.getInitContainers())
            .flatMap(List::stream)
            .distinct()
            .toList();
    containers.forEach(rules::container);
    rules.volumes(pod, driver);
    return rules.broken;
  }

  private void require(boolean holds, String rule) {
    if (!holds) {
      broken.add(rule);
    }
  }

  private void pod(PodSpec spec, boolean driver) {
    require(
        !isTrue(spec.getHostNetwork())
            && !isTrue(spec.getHostPID())
            && !isTrue(spec.getHostIPC())
            && !isTrue(spec.getShareProcessNamespace()),
        "namespaces of its own");
    PodSecurityContext context = spec.getSecurityContext();
    require(context != null && isTrue(context.getRunAsNonRoot()), "runAsNonRoot");
    require(
        context != null && context.getRunAsUser() != null && context.getRunAsUser() > 0,
        "runAsUser");
    require(
        context != null
            && context.getSeccompProfile() != null
            && "RuntimeDefault".equals(context.getSeccompProfile().getType()),
        "seccompProfile");
    require(
        spec.getAutomountServiceAccountToken() != null
            && spec.getAutomountServiceAccountToken() == driver,
        "automountServiceAccountToken");
    require(
        (driver ? "ancestral" : "ancestral-executor").equals(spec.getServiceAccountName()),
        "serviceAccountName");
  }

  private void container(Container container) {
    SecurityContext context =
        Optional.ofNullable(container.getSecurityContext()).orElseGet(SecurityContext::new);
    require(!isTrue(context.getPrivileged()), "privileged");
    require(
        Boolean.FALSE.equals(context.getAllowPrivilegeEscalation()), "allowPrivilegeEscalation");
    require(isTrue(context.getReadOnlyRootFilesystem()), "readOnlyRootFilesystem");
    require(
        context.getCapabilities() != null
            && context.getCapabilities().getDrop().equals(List.of("ALL"))
            && context.getCapabilities().getAdd().isEmpty(),
        "capabilities");
    require(context.getProcMount() == null, "procMount");
    require(
        container.getPorts().stream().map(ContainerPort::getHostPort).allMatch(p -> p == null),
        "hostPort");
    require(
        container.getImage() != null && container.getImage().matches(".+@sha256:[0-9a-f]{64}"),
        "image by its digest");
    for (String resource : RESOURCES) {
      Quantity request = amount(container.getResources().getRequests(), resource);
      Quantity limit = amount(container.getResources().getLimits(), resource);
      require(request != null && limit != null, "resources: " + resource);
    }
  }

  private static Quantity amount(Map<String, Quantity> amounts, String resource) {
    return amounts == null ? null : amounts.get(resource);
  }

  private void volumes(SparkPods pod, boolean driver) {
    for (Volume volume : pod.pod().getSpec().getVolumes()) {
      boolean known =
          volume.getConfigMap() != null
              || volume.getPersistentVolumeClaim() != null
              || (volume.getEmptyDir() != null && volume.getEmptyDir().getSizeLimit() != null);
      require(known, "volume " + volume.getName() + " of a kind without limits");
    }
    require(isWritable(pod, "/tmp"), "/tmp");
    require(isWritable(pod, "/opt/spark/work-dir"), "/opt/spark/work-dir");
    // A driver that Spark has not started itself spills to /tmp.
    String spills =
        pod.container().getEnv().stream()
            .filter(variable -> variable.getName().equals("SPARK_LOCAL_DIRS"))
            .map(EnvVar::getValue)
            .findFirst()
            .orElse(driver ? "/tmp" : "");
    require(isWritable(pod, spills), "SPARK_LOCAL_DIRS");
  }

  private static boolean isWritable(SparkPods pod, String path) {
    for (VolumeMount mount : pod.container().getVolumeMounts()) {
      if (mount.getMountPath().equals(path) && !isTrue(mount.getReadOnly())) {
        return pod.pod().getSpec().getVolumes().stream()
            .anyMatch(v -> v.getName().equals(mount.getName()) && v.getEmptyDir() != null);
      }
    }
    return false;
  }

  private static boolean isTrue(Boolean value) {
    return Boolean.TRUE.equals(value);
  }
}
