package dev.ancestral.job.train.replica;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.job.train.spec.TrainSpec.DeviceChoice;
import dev.ancestral.spark.ExecutorLocation;
import dev.ancestral.spark.TaskDevice;
import dev.ancestral.tensor.Device;
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

  /**
   * The place of the task on this thread.
   *
   * @throws AncestralException (CLUSTER) if a GPU is demanded and Spark assigned none
   */
  public static TaskPlacement ofTask(DeviceChoice choice) {
    ExecutorLocation here = ExecutorLocation.here();
    ResourceInformation gpus = TaskContext.get().resourcesJMap().get("gpu");
    boolean assigned = gpus != null && gpus.addresses().length > 0;
    if (choice == DeviceChoice.CUDA && !assigned) {
      throw new AncestralException(
          ErrorCode.CLUSTER,
          "device is cuda but Spark assigned no GPU to this task; start with --conf"
              + " spark.executor.resource.gpu.amount=N, --conf spark.task.resource.gpu.amount=1 and"
              + " a discovery script, or set device: cpu");
    }
    return new TaskPlacement(
        here.host(),
        here.executor(),
        choice == DeviceChoice.CPU ? Device.cpu() : TaskDevice.assigned(),
        assigned ? gpus.addresses()[0].trim() : "");
  }
}
