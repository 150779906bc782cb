package dev.ancestral.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The DAGs, built by Python with classes that take what Airflow's take and note it. */
class AirflowIT {
  private static final Path DAGS =
      Shipped.folder().resolve("schedule/airflow/ancestral_schedule.py");

  private static final String DAG =
      """
      import json

      TASKS = {}
      OPEN = []

      class DAG:
          def __init__(self, dag_id, schedule, start_date, catchup, max_active_runs, default_args,
                       doc_md):
              assert start_date.tzinfo is not None
              self.about = {"schedule": schedule, "catchup": catchup,
                            "max_active_runs": max_active_runs, "retries": default_args["retries"],
                            "tasks": {}}
              TASKS[dag_id] = self.about

          def __enter__(self):
              OPEN.append(self)
              return self

          def __exit__(self, *failure):
              OPEN.pop()

      class Operator:
          def __init__(self, task_id, **given):
              self.task_id = task_id
              self.about = dict(given, after=[])
              OPEN[-1].about["tasks"][task_id] = self.about

          def __rshift__(self, other):
              for task in other if isinstance(other, list) else [other]:
                  task.about["after"].append(self.task_id)
              return other

          def __rrshift__(self, others):
              for task in others:
                  task >> self
              return self
      """;

  private static final String SPARK_SUBMIT =
      """
      from airflow import Operator

      class SparkSubmitOperator(Operator):
          def __init__(self, *, task_id, conn_id, name, application, java_class, application_args,
                       conf, env_vars):
              assert all(isinstance(word, str) for word in application_args)
              assert all(isinstance(value, str) for value in conf.values())
              super().__init__(task_id, application=application, java_class=java_class,
                               application_args=application_args, conf=conf, env_vars=env_vars)
      """;

  private static final String BASH =
      """
      from airflow import Operator

      class BashOperator(Operator):
          def __init__(self, *, task_id, bash_command, skip_on_exit_code):
              super().__init__(task_id, bash_command=bash_command,
                               skip_on_exit_code=skip_on_exit_code)
      """;

  @TempDir Path folder;

  private JsonNode dags() throws IOException {
    assumeTrue(
        Stream.of(System.getenv("PATH").split(":"))
            .anyMatch(path -> Files.isExecutable(Path.of(path, "python3"))),
        "there is no Python");
    module("airflow/__init__.py", DAG);
    module("airflow/operators/__init__.py", "");
    module("airflow/operators/bash.py", BASH);
    for (String name :
        List.of(
            "providers",
            "providers/apache",
            "providers/apache/spark",
            "providers/apache/spark/operators")) {
      module("airflow/" + name + "/__init__.py", "");
    }
    module("airflow/providers/apache/spark/operators/spark_submit.py", SPARK_SUBMIT);
    Files.copy(DAGS, folder.resolve("ancestral_schedule.py"));
    Command.Result built =
        new Command(
                List.of(
                    "python3",
                    "-W",
                    "error",
                    "-c",
                    "import ancestral_schedule, airflow, json; print(json.dumps(airflow.TASKS))"),
                Map.of("PYTHONPATH", folder.toString(), "PYTHONDONTWRITEBYTECODE", "1"),
                folder)
            .run();
    assertEquals(0, built.status(), built.err());
    return new ObjectMapper().readTree(built.out());
  }

  private void module(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(word -> texts.add(word.asText()));
    return texts;
  }

  @Test
  void nights_are_keyed_by_their_day_and_caught_up() throws IOException {
    JsonNode nightly = dags().get("ancestral_nightly");
    assertEquals("30 2 * * *", nightly.get("schedule").asText());
    assertTrue(nightly.get("catchup").asBoolean());
    assertEquals(1, nightly.get("max_active_runs").asInt());
    JsonNode generate = nightly.at("/tasks/generate");
    List<String> words = texts(generate.get("application_args"));
    assertEquals("{{ ds }}", words.get(words.indexOf("--run-key") + 1));
    Commands.requireKnown(folder, words);
    assertSubmitted(generate);
  }

  @Test
  void weeks_are_trained_compared_and_promoted() throws IOException {
    JsonNode weekly = dags().get("ancestral_weekly");
    JsonNode tasks = weekly.get("tasks");
    assertEquals(1, weekly.get("max_active_runs").asInt());
    assertEquals(List.of("prepare"), texts(tasks.at("/train/after")));
    assertEquals(List.of("train"), texts(tasks.at("/evaluate_candidate/after")));
    assertEquals(List.of("train"), texts(tasks.at("/evaluate_current/after")));
    JsonNode promote = tasks.get("promote");
    assertEquals(
        List.of("evaluate_candidate", "evaluate_current"),
        texts(promote.get("after")).stream().sorted().toList());
    assertEquals(8, promote.get("skip_on_exit_code").asInt());
    for (String name : List.of("prepare", "train", "evaluate_candidate", "evaluate_current")) {
      Commands.requireKnown(folder, texts(tasks.get(name).get("application_args")));
      assertSubmitted(tasks.get(name));
    }
    List<String> words = Arrays.asList(oneWord(promote.get("bash_command").asText()).split(" "));
    int at = words.indexOf("promote");
    Commands.requireKnown(folder, words.subList(at, words.size()));
    // What is compared is what was evaluated, on the same examples and in the same way.
    for (String[] report : new String[][] {{"--report", "candidate"}, {"--against", "current"}}) {
      List<String> evaluate = texts(tasks.get("evaluate_" + report[1]).get("application_args"));
      assertEquals(
          oneWord(evaluate.get(evaluate.indexOf("--output") + 1)),
          words.get(words.indexOf(report[0]) + 1));
    }
    assertEquals(
        "1", tasks.at("/train/conf").get("spark.task.resource.gpu.amount").asText(), "GPUs");
    assertTrue(tasks.at("/prepare/conf/spark.task.resource.gpu.amount").isMissingNode());
  }

  /** The text with the day, which Airflow fills in, as one word. */
  private static String oneWord(String text) {
    return text.replace("{{ ds }}", "{{ds}}");
  }

  private static void assertSubmitted(JsonNode task) throws IOException {
    assertEquals("dev.ancestral.job.Main", task.get("java_class").asText());
    assertTrue(task.get("application").asText().endsWith("/lib/ancestral.jar"));
    assertEquals("1", task.at("/env_vars/OMP_NUM_THREADS").asText());
    Map<String, String> settings = new TreeMap<>();
    task.get("conf")
        .fields()
        .forEachRemaining(field -> settings.put(field.getKey(), field.getValue().asText()));
    assertEquals(List.of(), Protection.missing(settings));
    for (String line :
        Files.readAllLines(Shipped.folder().resolve("conf/spark-defaults.conf.example"))) {
      String[] setting = line.strip().split("\\s+");
      if (setting.length == 2 && setting[0].startsWith("spark.")) {
        assertEquals(setting[1], task.get("conf").path(setting[0]).asText(), setting[0]);
      }
    }
  }
}
