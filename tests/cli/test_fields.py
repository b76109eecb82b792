from lomi.cli.fields import CustomerStatus, CustomerType
from lomi.models import customers as models


def test_filters_are_those_of_the_models():
    assert (CustomerType, CustomerStatus) == (models.CustomerType, models.CustomerStatus)
