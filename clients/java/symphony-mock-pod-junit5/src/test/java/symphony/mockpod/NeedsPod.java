package symphony.mockpod;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Tests that run the pod's program: skipped where there is none, so that whoever installs the extension from a fresh
 * clone needs no Rust. A setting that names something that is no program is a mistake, and no reason to skip.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsPod.Condition.class)
@interface NeedsPod {

  final class Condition implements ExecutionCondition {

    private static final AtomicBoolean TOLD = new AtomicBoolean();

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      if (isSet(System.getProperty(Binary.PROPERTY)) || isSet(System.getenv(Binary.VARIABLE))) {
        return ConditionEvaluationResult.enabled("a program is named");
      }
      try {
        return ConditionEvaluationResult.enabled("there is " + Binary.find(System::getProperty, System::getenv));
      } catch (IllegalStateException none) {
        if (TOLD.compareAndSet(false, true)) {
          System.err.println("SKIPPED: the extension's own tests, for there is " + none.getMessage());
        }
        return ConditionEvaluationResult.disabled(none.getMessage());
      }
    }

    private static boolean isSet(String value) {
      return value != null && !value.isBlank();
    }
  }
}
