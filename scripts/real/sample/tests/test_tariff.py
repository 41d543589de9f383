import unittest

from fares.tariff import fare


class TariffTests(unittest.TestCase):
    def test_the_first_zone_is_part_of_the_base_fare(self):
        self.assertEqual(fare(zones=1, age=30), 250)

    def test_each_further_zone_costs_the_same(self):
        self.assertEqual(fare(zones=4, age=30), 250 + 3 * 90)

    def test_a_child_pays_half(self):
        self.assertEqual(fare(zones=1, age=8), 125)

    def test_no_zones_are_refused(self):
        with self.assertRaises(ValueError):
            fare(zones=0, age=30)


if __name__ == "__main__":
    unittest.main()
