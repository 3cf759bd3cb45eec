from django.db import models


class BareSurvey(models.Model):
    patient = models.UUIDField()
    language = models.CharField(max_length=2)
    sent_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"survey {self.pk}"


class BareAnswer(models.Model):
    survey = models.ForeignKey(
        BareSurvey, on_delete=models.CASCADE, related_name="answers"
    )
    link_id = models.CharField(max_length=60)
    value = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    text = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.link_id
