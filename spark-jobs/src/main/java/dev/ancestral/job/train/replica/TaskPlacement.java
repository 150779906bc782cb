package dev.ancestral.job.train.replica;

import dev.ancestral.Refusal;
import dev.ancestral.job.TaskDevice;
import dev.ancestral.job.train.spec.TrainSpec.DeviceChoice;
import dev.ancestral.tensor.Device;
import java.io.Serializable;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/**
 * Where a task runs.
 *
 * @param host by which other processes reach this executor
 * @param executor id
 * @param device to compute on: the one that Spark assigned, unless the spec says CPU
 * @param gpu address of the GPU that Spark assigned, empty if it assigned none
 */
public record TaskPlacement(String host, String executor, Device device, String gpu) {

  /** A place that Spark is asked to prefer: the form that its scheduler understands. */
  public record Location(String host, String executor) implements Serializable {
    public String asPreference() {
      return executor.equals("driver") ? host : "executor_" + host + "_" + executor;
    }
  }

  /**
   * The place of the task on this thread.
   *
   * @throws Refusal (CLUSTER) if a GPU is demanded and Spark assigned none
   */
  public static TaskPlacement ofTask(DeviceChoice choice) {
    SparkEnv env = SparkEnv.get();
    ResourceInformation gpus = TaskContext.get().resourcesJMap().get("gpu");
    boolean assigned = gpus != null && gpus.addresses().length > 0;
    if (choice == DeviceChoice.CUDA && !assigned) {
      throw new Refusal(
          Refusal.Kind.CLUSTER,
          "device is cuda but Spark assigned no GPU to this task; start with --conf"
              + " spark.executor.resource.gpu.amount=N, --conf spark.task.resource.gpu.amount=1 and"
              + " a discovery script, or set device: cpu");
    }
    return new TaskPlacement(
        env.blockManager().blockManagerId().host(),
        env.executorId(),
        choice == DeviceChoice.CPU ? Device.cpu() : TaskDevice.assigned(),
        assigned ? gpus.addresses()[0].trim() : "");
  }

  public Location location() {
    return new Location(host, executor);
  }
}
