package dev.ancestral.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.deploy.Network.End;
import dev.ancestral.job.spec.JobSpec;
import dev.ancestral.job.spec.YamlDocument;
import dev.ancestral.job.submit.Step;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the pods of kubernetes/ may do, whom they reach, and what they say in the clear: nothing.
 */
class ConfinementIT {
  private static final String JAR = "local:///opt/ancestral/lib/ancestral.jar";

  @TempDir Path folder;

  /** The pods of an application, as Kubernetes gets them. */
  private record Application(String instance, SparkPods driver, SparkPods executor) {}

  /** Settings of a pod of cronjobs.yaml. */
  private Map<String, String> scheduled(String array, String instance) throws IOException {
    Map<String, String> settings =
        new TreeMap<>(ClusterFiles.properties(ClusterFiles.setting("spark.conf")));
    settings.putAll(
        ClusterFiles.submitted(folder, ClusterFiles.setting("schedule.conf"), array, instance));
    return ClusterFiles.mounted(settings);
  }

  private static SparkPods driver(String name) throws IOException {
    return ClusterFiles.all("batch/v1 CronJob", CronJob.class).stream()
        .filter(job -> job.getMetadata().getName().equals("ancestral-" + name))
        .map(job -> job.getSpec().getJobTemplate().getSpec().getTemplate())
        .map(
            template ->
                new SparkPods(
                    new Pod("v1", "Pod", template.getMetadata(), template.getSpec(), null),
                    template.getSpec().getContainers().get(0)))
        .findFirst()
        .orElseThrow();
  }

  private static Map<String, String> byHand() throws IOException {
    Map<String, String> settings =
        ClusterFiles.mounted(ClusterFiles.properties(ClusterFiles.setting("spark.conf")));
    settings.put(
        "spark.kubernetes.driver.podTemplateFile", ClusterFiles.file("driver-pod.yaml").toString());
    return settings;
  }

  private Application operated(String instance, SparkOperator.ApplicationSpec spec)
      throws IOException {
    Map<String, String> settings = ClusterFiles.templated(folder, spec);
    return new Application(
        instance, SparkPods.driver(settings, JAR, "doctor"), SparkPods.executor(settings));
  }

  private List<Application> applications() throws IOException {
    return List.of(
        new Application(
            "nightly", driver("nightly"), SparkPods.executor(scheduled("SUBMIT", "nightly"))),
        new Application(
            "weekly", driver("weekly"), SparkPods.executor(scheduled("SUBMIT", "weekly"))),
        new Application(
            "weekly", driver("weekly"), SparkPods.executor(scheduled("TRAIN_SUBMIT", "weekly"))),
        new Application(
            "by-hand", SparkPods.driver(byHand(), JAR, "doctor"), SparkPods.executor(byHand())),
        operated("nightly", ClusterFiles.nightly().template),
        operated("train", ClusterFiles.training()));
  }

  @Test
  void pods_are_restricted() throws IOException {
    for (Application application : applications()) {
      assertEquals(List.of(), PodRules.broken(application.driver(), true), application.instance());
      assertEquals(
          List.of(), PodRules.broken(application.executor(), false), application.instance());
    }
    Namespace namespace = ClusterFiles.all("v1 Namespace", Namespace.class).get(0);
    assertEquals(
        "restricted",
        namespace.getMetadata().getLabels().get("pod-security.kubernetes.io/enforce"),
        "the server refuses what is not");
  }

  @Test
  void pods_that_are_not_restricted_are_found() throws IOException {
    String template = Files.readString(ClusterFiles.setting("executor-pod.yaml"));
    for (String[] change :
        new String[][] {
          {"runAsNonRoot: true", "runAsNonRoot: false", "runAsNonRoot"},
          {"runAsUser: 185", "runAsUser: 0", "runAsUser"},
          {"fsGroup: 185\n.*\n", "fsGroup: 185\n", "seccompProfile"},
          {"AccountToken: false", "AccountToken: true", "automountServiceAccountToken"},
          {"Escalation: false", "Escalation: true", "allowPrivilegeEscalation"},
          {"Filesystem: true", "Filesystem: false", "readOnlyRootFilesystem"},
          {"drop: \\[ALL\\]", "drop: [ALL], add: [NET_RAW]", "capabilities"},
          {"ephemeral-storage: 80Gi", "", "resources: ephemeral-storage"},
          {"mountPath: /opt/spark/work-dir", "mountPath: /opt/work", "/opt/spark/work-dir"},
          {
            "emptyDir: \\{sizeLimit: 4Gi\\}", "emptyDir: {}", "volume work of a kind without limits"
          },
          {"spec:\n", "spec:\n  hostNetwork: true\n", "namespaces of its own"},
        }) {
      String changed = template.replaceFirst(change[0], change[1]);
      assertFalse(changed.equals(template), change[0]);
      Map<String, String> settings = byHand();
      settings.put(
          "spark.kubernetes.executor.podTemplateFile",
          Files.writeString(folder.resolve("changed.yaml"), changed).toString());
      assertEquals(List.of(change[2]), PodRules.broken(SparkPods.executor(settings), false));
    }
    Map<String, String> settings = byHand();
    settings.put("spark.kubernetes.container.image", "registry.example.com/ancestral:0.1.0");
    settings.remove("spark.kubernetes.executor.limit.cores");
    settings.remove("spark.kubernetes.authenticate.executor.serviceAccountName");
    assertEquals(
        Set.of("image by its digest", "resources: cpu", "serviceAccountName"),
        Set.copyOf(PodRules.broken(SparkPods.executor(settings), false)));
  }

  @Test
  void what_is_sent_and_spilled_is_encrypted_and_its_sender_known() throws IOException {
    Map<String, Map<String, String>> all = new HashMap<>();
    all.put("nightly", scheduled("SUBMIT", "nightly"));
    all.put("weekly", scheduled("TRAIN_SUBMIT", "weekly"));
    all.put("by hand", byHand());
    all.put("operator, nightly", ClusterFiles.nightly().template.settings());
    all.put("operator, train", ClusterFiles.training().settings());
    JobSpec spec =
        JobSpec.read(
            YamlDocument.parse("spec.yaml", Files.readString(ClusterFiles.setting("spec.yaml"))),
            Optional.empty(),
            path -> Optional.empty());
    for (Step step : Step.values()) {
      Map<String, String> settings = scheduled("SUBMIT", "weekly");
      settings.putAll(spec.submit().of(step).conf());
      all.put("pipeline, " + step, settings);
    }
    Path example = Shipped.folder().resolve("schedule/schedule.conf.example");
    for (String array : List.of("SUBMIT", "TRAIN_SUBMIT")) {
      all.put(
          "schedule.conf.example, " + array, ClusterFiles.submitted(folder, example, array, ""));
    }
    for (Map.Entry<String, Map<String, String>> settings : all.entrySet()) {
      assertEquals(List.of(), Protection.missing(settings.getValue()), settings.getKey());
      for (String key : settings.getValue().keySet()) {
        if (key.startsWith("spark.authenticate") || key.contains(".crypto.")) {
          Map<String, String> without = new TreeMap<>(settings.getValue());
          without.remove(key);
          assertFalse(Protection.missing(without).isEmpty(), key);
        }
      }
    }
    assertFalse(spec.train().allowPlainCollectives());
    assertEquals(
        1,
        applications().get(0).executor().container().getEnv().stream()
            .filter(variable -> variable.getName().equals("_SPARK_AUTH_SECRET"))
            .count(),
        "executors get a secret that Spark draws");
  }

  @Test
  void pods_reach_those_of_their_application_and_what_they_need() throws IOException {
    Network network =
        new Network(ClusterFiles.all("networking.k8s.io/v1 NetworkPolicy", NetworkPolicy.class));
    End stranger = End.pod(Map.of("app.kubernetes.io/name", "other"));
    End elsewhere = End.pod("default", Map.of("app.kubernetes.io/name", "ancestral"));
    List<Application> applications = applications();
    for (Application application : applications) {
      End driver = End.pod(application.driver().pod().getMetadata().getLabels());
      End executor = End.pod(application.executor().pod().getMetadata().getLabels());
      for (int port : new int[] {7078, 7079, 40000}) {
        assertTrue(network.connects(driver, executor, "TCP", port));
        assertTrue(network.connects(executor, driver, "TCP", port));
        assertTrue(network.connects(executor, executor, "TCP", port));
        for (End other : List.of(stranger, elsewhere, End.address("198.51.100.7"))) {
          for (End end : List.of(driver, executor)) {
            assertFalse(network.connects(other, end, "TCP", port), other + " to " + end);
            assertFalse(network.connects(end, other, "TCP", port), end + " to " + other);
          }
        }
        for (Application other : applications) {
          End theirs = End.pod(other.executor().pod().getMetadata().getLabels());
          assertEquals(
              other.instance().equals(application.instance()),
              network.connects(theirs, driver, "TCP", port),
              other.instance() + " to " + application.instance());
        }
      }
      for (End end : List.of(driver, executor)) {
        End names = End.pod("kube-system", Map.of("k8s-app", "kube-dns"));
        assertTrue(network.connects(end, names, "UDP", 53));
        assertFalse(network.connects(end, names, "TCP", 9153));
        assertFalse(
            network.connects(end, End.pod("kube-system", Map.of("k8s-app", "x")), "UDP", 53));
        assertTrue(network.connects(end, End.address("203.0.113.9"), "TCP", 443));
        assertFalse(network.connects(end, End.address("203.0.113.9"), "TCP", 80));
        assertFalse(network.connects(end, End.address("169.254.169.254"), "TCP", 80));
      }
      End server = End.address("192.0.2.1");
      assertTrue(network.connects(driver, server, "TCP", 6443));
      assertFalse(network.connects(executor, server, "TCP", 6443));
    }
    assertFalse(network.connects(stranger, End.address("203.0.113.9"), "TCP", 443));
  }

  @Test
  void rights_are_those_that_making_executors_takes() throws IOException {
    List<Role> roles = ClusterFiles.all("rbac.authorization.k8s.io/v1 Role", Role.class);
    assertEquals(1, roles.size());
    List<String> rights = new ArrayList<>();
    for (PolicyRule rule : roles.get(0).getRules()) {
      assertEquals(List.of(""), rule.getApiGroups());
      rule.getVerbs().forEach(verb -> rights.add(verb + " " + rule.getResources().get(0)));
      assertEquals(1, rule.getResources().size());
    }
    assertEquals(
        Set.of(
            "create pods",
            "get pods",
            "list pods",
            "watch pods",
            "delete pods",
            "deletecollection pods",
            "create configmaps",
            "get configmaps",
            "list configmaps",
            "delete configmaps",
            "deletecollection configmaps",
            "get services",
            "list services",
            "delete services",
            "deletecollection services"),
        Set.copyOf(rights));
    for (RoleBinding binding :
        ClusterFiles.all("rbac.authorization.k8s.io/v1 RoleBinding", RoleBinding.class)) {
      assertEquals(1, binding.getSubjects().size());
      assertEquals("ancestral", binding.getSubjects().get(0).getName(), "executors have none");
    }
    for (ServiceAccount account : ClusterFiles.all("v1 ServiceAccount", ServiceAccount.class)) {
      assertEquals(false, account.getAutomountServiceAccountToken());
    }
  }

  @Test
  void images_are_named_by_digests() throws IOException {
    int[] images = {0};
    for (Manifest manifest : ClusterFiles.all()) {
      manifest.visit(
          (path, object) -> {
            for (String key : List.of("image", "spark.kubernetes.container.image")) {
              if (object.has(key)) {
                images[0]++;
                assertTrue(object.get(key).asText().matches(".+@sha256:[0-9a-f]{64}"), path);
              }
            }
          });
    }
    assertTrue(images[0] >= 4, "there are images to look at");

    // The Dockerfile demands digests of what it starts from.
    String dockerfile = Files.readString(ClusterFiles.file("Dockerfile")).replaceAll("\\\\\n", " ");
    assertTrue(dockerfile.contains("\nARG SPARK_IMAGE\nARG BASE_IMAGE\n\nFROM "), dockerfile);
    String check =
        dockerfile
            .lines()
            .filter(line -> line.startsWith("RUN for image in "))
            .findFirst()
            .orElseThrow()
            .substring("RUN ".length());
    String digest = "ubuntu@sha256:" + "0".repeat(64);
    assertEquals(0, status(check, digest, digest));
    for (String other : List.of("", "ubuntu:24.04", "ubuntu")) {
      assertEquals(1, status(check, digest, other));
      assertEquals(1, status(check, other, digest));
    }
  }

  private int status(String check, String spark, String base) {
    return new Command(
            List.of("/bin/sh", "-c", check),
            Map.of("SPARK_IMAGE", spark, "BASE_IMAGE", base),
            folder)
        .run()
        .status();
  }
}
