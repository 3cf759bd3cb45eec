"""The least that stores a survey: a Django project of one DRF view, to compare with."""
