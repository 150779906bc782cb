package dev.ancestral.deploy;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * An object of Kubernetes as a file has it, and the class that says what such objects have.
 *
 * @param file that it stands in
 * @param json as it stands there
 */
record Manifest(Path file, JsonNode json) {
  static final YAMLMapper YAML = new YAMLMapper();

  private static final Map<String, Class<?>> KINDS =
      Map.ofEntries(
          Map.entry("v1 Namespace", Namespace.class),
          Map.entry("v1 ServiceAccount", ServiceAccount.class),
          Map.entry("v1 PersistentVolumeClaim", PersistentVolumeClaim.class),
          Map.entry("v1 Pod", Pod.class),
          Map.entry("rbac.authorization.k8s.io/v1 Role", Role.class),
          Map.entry("rbac.authorization.k8s.io/v1 RoleBinding", RoleBinding.class),
          Map.entry("batch/v1 CronJob", CronJob.class),
          Map.entry("networking.k8s.io/v1 NetworkPolicy", NetworkPolicy.class),
          Map.entry(
              "sparkoperator.k8s.io/v1beta2 SparkApplication", SparkOperator.Application.class),
          Map.entry(
              "sparkoperator.k8s.io/v1beta2 ScheduledSparkApplication",
              SparkOperator.ScheduledApplication.class));

  /** All objects in a file. */
  static List<Manifest> in(Path file) {
    try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(file.toFile())) {
      List<Manifest> manifests = new ArrayList<>();
      while (documents.hasNext()) {
        manifests.add(new Manifest(file, documents.next()));
      }
      return manifests;
    } catch (IOException e) {
      throw new UncheckedIOException(file.toString(), e);
    }
  }

  String kind() {
    return json.path("apiVersion").asText() + " " + json.path("kind").asText();
  }

  /**
   * The object by its class.
   *
   * @throws AssertionError if a value is not of the type that it must be
   */
  <T> T as(Class<T> type) {
    try {
      return YAML.treeToValue(json, type);
    } catch (IOException e) {
      throw new AssertionError(file + ", " + kind() + ": " + e.getMessage(), e);
    }
  }

  /** Keys that such an object does not have, and values that it cannot have. */
  List<String> problems() {
    Class<?> type = KINDS.get(kind());
    if (type == null) {
      return List.of(file + " has a " + kind());
    }
    List<String> problems = new ArrayList<>();
    look(json, YAML.constructType(type), "", problems);
    if (problems.isEmpty()) {
      as(type);
    }
    return problems;
  }

  private static void look(JsonNode node, JavaType type, String path, List<String> unknown) {
    if (node.isArray() && type.isCollectionLikeType()) {
      for (int i = 0; i < node.size(); i++) {
        look(node.get(i), type.getContentType(), path + "[" + i + "]", unknown);
      }
    } else if (node.isObject() && type.isMapLikeType()) {
      node.fields()
          .forEachRemaining(
              field ->
                  look(
                      field.getValue(),
                      type.getContentType(),
                      path + "." + field.getKey(),
                      unknown));
    } else if (node.isObject()) {
      Map<String, JavaType> known = new HashMap<>();
      for (BeanPropertyDefinition property :
          YAML.getDeserializationConfig().introspect(type).findProperties()) {
        known.put(property.getName(), property.getPrimaryType());
      }
      Iterator<Map.Entry<String, JsonNode>> fields = node.fields();
      while (fields.hasNext()) {
        Map.Entry<String, JsonNode> field = fields.next();
        String at = path + "." + field.getKey();
        JavaType inner = known.get(field.getKey());
        if (inner == null) {
          unknown.add(at.substring(1) + " is no key of " + type.getRawClass().getSimpleName());
        } else {
          look(field.getValue(), inner, at, unknown);
        }
      }
    }
  }

  /** Visits every object within this one: what a secret could hide in. */
  void visit(BiConsumer<String, ObjectNode> visitor) {
    visit("", json, visitor);
  }

  private static void visit(String path, JsonNode node, BiConsumer<String, ObjectNode> visitor) {
    if (node instanceof ObjectNode object) {
      visitor.accept(path, object);
      object
          .fields()
          .forEachRemaining(field -> visit(path + "." + field.getKey(), field.getValue(), visitor));
    } else {
      for (int i = 0; i < node.size(); i++) {
        visit(path + "[" + i + "]", node.get(i), visitor);
      }
    }
  }

  /** Writes it to a file, as a program that takes such files reads it. */
  static Path write(Path file, Object object) throws IOException {
    Files.writeString(file, YAML.writeValueAsString(object));
    return file;
  }
}
