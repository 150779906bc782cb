package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.job.train.em.PassCourse;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

final class PassCourseTest {

  @Test
  void a_restart_ends_after_its_passes_or_without_something_better() {
    PassCourse course = PassCourse.begin(6, 2, 2);
    double[] first = {-9, -8, -8.5, -8};
    for (double nats : first) {
      assertEquals(0, course.restart());
      course = course.after(OptionalDouble.of(nats));
    }
    // An equal one is not better.
    assertEquals(1, course.restart());
    assertEquals(0, course.pass());
    assertEquals(0.5, course.share());
    for (int pass = 0; pass < 6; pass++) {
      assertFalse(course.ended());
      course = course.after(OptionalDouble.of(pass));
    }
    assertTrue(course.ended());
    assertEquals(1, course.share());
  }

  @Test
  void passes_without_validation_neither_wait_nor_end_early() {
    PassCourse course = PassCourse.begin(100, 1, 1);
    course = course.after(OptionalDouble.of(-1));
    for (int pass = 0; pass < 50; pass++) {
      course = course.after(OptionalDouble.empty());
    }
    assertEquals(51, course.pass());
    assertTrue(course.after(OptionalDouble.of(-2)).ended());
    PassCourse never = PassCourse.begin(100, 1, 0);
    for (int pass = 0; pass < 99; pass++) {
      never = never.after(OptionalDouble.of(-pass));
      assertFalse(never.ended());
    }
  }

  @Test
  void the_lines_of_the_passes_give_the_same_course() {
    double[] nats = {Double.NEGATIVE_INFINITY, -3.25, -1.0 / 3, -2, Double.NEGATIVE_INFINITY};
    PassCourse course = PassCourse.begin(9, 3, 3);
    List<JsonNode> lines = new ArrayList<>();
    for (double value : nats) {
      ObjectNode line = JsonNodeFactory.instance.objectNode();
      PassCourse.write(value, line);
      lines.add(line);
      course = course.after(OptionalDouble.of(value));
      assertEquals(course, PassCourse.begin(9, 3, 3).after(lines));
    }
    assertEquals(2, course.since());
    assertEquals(-1.0 / 3, course.best());
  }
}
