package dev.ancestral.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.job.LocalSpark;
import dev.ancestral.job.status.ExitStatus;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;

class TaskRunnerTest {
  // Tasks run in this process.
  private static final AtomicInteger RUNS = new AtomicInteger();

  private final JavaSparkContext spark =
      JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext());

  private record Unit(int number) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  private record Square(int value) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  @Test
  void every_unit_gives_its_result_once() {
    TreeMap<Integer, Integer> results = new TreeMap<>();
    List<Unit> units = IntStream.range(0, 50).mapToObj(Unit::new).toList();
    TaskRunner.run(
        spark,
        "squares",
        units,
        unit -> new Square(unit.number() * unit.number()),
        (index, square) -> assertEquals(null, results.put(index, square.value())));
    assertEquals(50, results.size());
    results.forEach((index, value) -> assertEquals(index * index, value));
  }

  @Test
  void units_are_dealt_to_as_many_tasks_as_asked_for() {
    List<Unit> units = IntStream.range(0, 10).mapToObj(Unit::new).toList();
    for (int tasks : new int[] {1, 2, 7, 10, 25}) {
      TreeMap<Integer, Integer> taskOf = new TreeMap<>();
      TaskRunner.run(
          spark,
          "dealt",
          units,
          unit -> List.of(),
          OptionalInt.of(tasks),
          unit -> new Square(TaskContext.getPartitionId()),
          (index, task) -> assertEquals(null, taskOf.put(index, task.value())));
      assertEquals(10, taskOf.size());
      assertEquals(Math.min(10, tasks), new HashSet<>(taskOf.values()).size());
      assertEquals(List.copyOf(taskOf.values()), taskOf.values().stream().sorted().toList());
    }
  }

  @Test
  void a_refusal_ends_the_job_as_itself_and_is_not_tried_again() {
    RUNS.set(0);
    AncestralException refusal =
        assertThrows(
            AncestralException.class,
            () ->
                TaskRunner.run(
                    spark,
                    "refused",
                    List.of(new Unit(1)),
                    unit -> {
                      RUNS.incrementAndGet();
                      throw new AncestralException(ErrorCode.MISMATCH, "unit 1 does not fit");
                    },
                    (index, result) -> {}));
    assertEquals(ErrorCode.MISMATCH, refusal.code());
    assertEquals("unit 1 does not fit", refusal.getMessage());
    assertEquals(1, RUNS.get());
  }

  @Test
  void a_task_that_failed_is_done_again_and_counts_once() {
    RUNS.set(0);
    List<Integer> results = new ArrayList<>();
    TaskRunner.run(
        spark,
        "retried",
        List.of(new Unit(1)),
        unit -> {
          RUNS.incrementAndGet();
          if (TaskContext.get().attemptNumber() == 0) {
            throw new IllegalStateException("the first attempt is lost");
          }
          return unit.number();
        },
        (index, result) -> results.add(result));
    assertEquals(2, RUNS.get());
    assertEquals(List.of(1), results);
  }

  @Test
  void a_defect_is_told_with_its_cause() {
    IllegalStateException failure =
        assertThrows(
            IllegalStateException.class,
            () ->
                TaskRunner.run(
                    spark,
                    "defect",
                    List.of(new Unit(1)),
                    unit -> {
                      throw new IllegalArgumentException("a defect");
                    },
                    (index, result) -> {}));
    ExitStatus outcome = ExitStatus.of(failure);
    assertEquals(ExitStatus.UNEXPECTED, outcome.status());
    assertTrue(outcome.message().contains("a defect"), outcome.message());
  }

  @Test
  void nothing_to_do_is_no_job() {
    List<Integer> results = new ArrayList<>();
    TaskRunner.run(
        spark, "none", new ArrayList<Unit>(), Unit::number, (index, n) -> results.add(n));
    assertTrue(results.isEmpty());
  }
}
